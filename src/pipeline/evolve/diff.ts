import type { Dataset } from "../../dataset/types.js";
import type { Change, Refusal } from "../../iceberg/evolve.js";
import { type LayoutChange, layoutChanges } from "../../iceberg/layout.js";
import { tableDefinitions, tableKinds } from "../../lake/definitions.js";
import { evolutionOf, loadTables, type Tables } from "../../lake/tables.js";
import { rulesOf } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { stateAfter } from "./silver-rules.js";

/** The differences between a table and the manifest. */
export interface TableDiff {
  readonly kind: keyof Tables;
  readonly table: string;
  /** False when it does not exist yet: `process` creates it as the manifest describes. */
  readonly exists: boolean;
  readonly changes: readonly Change[];
  /** What another engine, or an earlier manifest, has made of partitions, order and the like. */
  readonly layout: readonly LayoutChange[];
  readonly refusals: readonly Refusal[];
}

export interface DiffResult {
  readonly dataset: string;
  readonly tables: readonly TableDiff[];
  /** True when the next run of silver must rebuild all rows, because the rules have changed. */
  readonly silverAnew: boolean;
}

/** Compares the manifest with the tables; changes nothing. */
export async function diffDataset(workspace: Workspace): Promise<DiffResult> {
  return differences(workspace.dataset, await loadTables(workspace.catalog, workspace.dataset));
}

export function differences(dataset: Dataset, tables: Partial<Tables>): DiffResult {
  const definitions = tableDefinitions(dataset);
  const diffs = tableKinds.map((kind): TableDiff => {
    const table = tables[kind];
    const name = dataset.tables[kind].qualified;
    if (table === undefined)
      return { kind, table: name, exists: false, changes: [], layout: [], refusals: [] };
    const { changes, refusals } = evolutionOf(table, definitions[kind]);
    return {
      kind,
      table: name,
      exists: true,
      changes,
      layout: layoutChanges(table, definitions[kind].partitionBy),
      refusals: [...refusals, ...otherKeys(dataset, kind, changes)],
    };
  });
  const { silver } = tables;
  const inBronze = diffs.find(({ kind }) => kind === "bronze")?.changes ?? [];
  const anew =
    silver?.current !== undefined && stateAfter({ silver }, inBronze, dataset)?.rules !== rulesOf(dataset);
  return { dataset: dataset.name, tables: diffs, silverAnew: anew };
}

/** A row's id is made from texts. 1.5 has the same text as FLOAT and as DOUBLE, but 0.1 has not. */
function otherKeys(dataset: Dataset, kind: keyof Tables, changes: readonly Change[]): Refusal[] {
  if (kind !== "bronze") return [];
  return changes
    .filter(
      ({ column, change, from }) =>
        change === "widened" && from === "float" && dataset.silver.naturalKey.includes(column),
    )
    .map(({ column }) => ({
      column,
      why: "it is part of the natural key: as DOUBLE its values would have other texts, and silver's rows other ids",
      instead: "leave its type",
    }));
}
