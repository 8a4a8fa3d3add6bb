import type { Dataset } from "../../dataset/types.js";
import type { Change, Refusal } from "../../iceberg/evolve.js";
import { tableDefinitions, tableKinds } from "../../lake/definitions.js";
import { evolutionOf, loadTables, type Tables } from "../../lake/tables.js";
import { rulesOf } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { stateAfter } from "./silver-rules.js";

/** What a table would become. */
export interface TableDiff {
  readonly kind: keyof Tables;
  readonly table: string;
  /** False where it is not there yet: `process` creates it as the manifest says. */
  readonly exists: boolean;
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
}

export interface DiffResult {
  readonly dataset: string;
  readonly tables: readonly TableDiff[];
  /** True where the next run of silver has to make all of its rows anew, because its rules are others. */
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
    if (table === undefined) return { kind, table: name, exists: false, changes: [], refusals: [] };
    const { changes, refusals } = evolutionOf(table, definitions[kind]);
    return {
      kind,
      table: name,
      exists: true,
      changes,
      refusals: [...refusals, ...otherKeys(dataset, kind, changes)],
    };
  });
  const { silver } = tables;
  const inBronze = diffs.find(({ kind }) => kind === "bronze")?.changes ?? [];
  const anew =
    silver?.current !== undefined && stateAfter({ silver }, inBronze, dataset)?.rules !== rulesOf(dataset);
  return { dataset: dataset.name, tables: diffs, silverAnew: anew };
}

/** The id of a row is made of texts: 1.5 as FLOAT and as DOUBLE are the same text, 0.1 is not. */
function otherKeys(dataset: Dataset, kind: keyof Tables, changes: readonly Change[]): Refusal[] {
  if (kind !== "bronze") return [];
  return changes
    .filter(
      ({ column, change, from }) =>
        change === "widened" && from === "float" && dataset.silver.naturalKey.includes(column),
    )
    .map(({ column }) => ({
      column,
      why: "it is part of the natural key: as a DOUBLE its values have other texts, and each row of silver another id",
      instead: "leave its type",
    }));
}
