import { failed } from "../core/errors.js";
import { incarnationColumn } from "../dataset/incarnation.js";
import type { Dataset, TableName } from "../dataset/types.js";
import type { IcebergCatalog, NewTable, Table } from "../iceberg/catalog.js";
import { evolve } from "../iceberg/evolve.js";
import { type LayoutChange, layoutChanges } from "../iceberg/layout.js";
import { type TableKind, tableDefinitions, tableKinds } from "./definitions.js";
import { renamedFields, takeOver } from "./former-names.js";
import { rowHashField } from "./row-hash.js";

export type Tables = Readonly<Record<TableKind, Table>>;

/**
 * Loads the dataset's tables, creates those that are missing, and takes over those of an earlier version.
 *
 * @throws PipectlError (failed) `table_differs` when a table has other columns than the dataset, or another layout
 */
export async function ensureTables(catalog: IcebergCatalog, dataset: Dataset): Promise<Tables> {
  const definitions = tableDefinitions(dataset);
  let tables = await loadTables(catalog, dataset);
  const missing = tableKinds.filter((kind) => tables[kind] === undefined);
  for (const kind of missing) await catalog.createTable(dataset.tables[kind], definitions[kind]);
  const taken: boolean[] = [];
  for (const kind of tableKinds)
    taken.push(await takeOver(catalog, tables[kind], kind === "silver" ? [] : [rowHashField]));
  if (missing.length > 0 || taken.includes(true)) tables = await loadTables(catalog, dataset);
  const checked = (kind: TableKind): Table => {
    const id = dataset.tables[kind];
    const table = tables[kind];
    if (table === undefined)
      throw failed("table_missing", `${id.qualified} was created, but the catalog does not list it`);
    requireColumns(id, table, definitions[kind]);
    return table;
  };
  return { bronze: checked("bronze"), dlq: checked("dlq"), silver: checked("silver") };
}

/** Loads the dataset's tables without creating any; undefined for each that is not there. */
export async function loadTables(catalog: IcebergCatalog, dataset: Dataset): Promise<Partial<Tables>> {
  const tables = await Promise.all(tableKinds.map((kind) => catalog.table(dataset.tables[kind])));
  return Object.fromEntries(
    tableKinds.flatMap((kind, i) => (tables[i] === undefined ? [] : [[kind, tables[i]]])),
  );
}

/**
 * Statements write by position, so a table must have exactly these columns; only their descriptions may differ. INSERT OVERWRITE replaces
 * what the table's partitions are, so these must be ours, too: else rows would stay that were to be replaced.
 */
function requireColumns(id: TableName, table: Table, wanted: NewTable): void {
  const { changes, refusals } = evolutionOf(table, wanted);
  const different = [
    ...refusals.map(({ column, why }) => `${column}: ${why}`),
    ...changes
      .filter(({ change }) => change !== "described")
      .map(({ column, change, to }) => `${column} is to be ${change}${to === null ? "" : ` (${to})`}`),
    ...layoutChanges(table, wanted.partitionBy).map(saidOf),
  ];
  if (different.length === 0) return;
  const shown = different.slice(0, 5).join("; ") + (different.length > 5 ? "; …" : "");
  throw failed("table_differs", `${id.qualified} is not as the manifest describes it: ${shown}`, {
    hint: "pipectl dataset diff shows what differs, pipectl dataset apply changes the tables",
  });
}

/** As in `partitions: pickup_date, bucket[4](VendorID), to be pickup_date`. */
export const saidOf = ({ what, is, expected }: LayoutChange): string => `${what}: ${is}, to be ${expected}`;

/** The changes that turn an existing table into the one that the manifest describes. */
export function evolutionOf({ schema }: Table, { fields }: NewTable) {
  let lastColumnId = schema.lastColumnId;
  const isNamed = fields.some(({ name }) => name === incarnationColumn);
  const renamed = isNamed ? renamedFields(schema.fields) : { fields: schema.fields, changes: [] };
  const evolution = evolve(renamed.fields, fields, () => ++lastColumnId);
  return { ...evolution, changes: [...renamed.changes, ...evolution.changes], lastColumnId };
}
