import { PipectlError } from "../core/errors.js";
import { quoted } from "../core/sql-quotes.js";
import { formerIncarnationColumn, incarnationColumn } from "../dataset/incarnation.js";
import type { IcebergCatalog, Table } from "../iceberg/catalog.js";
import type { Change } from "../iceberg/evolve.js";
import type { IcebergField, TableField } from "../iceberg/types.js";
import { type ReadOptions, readFrom } from "./read-options.js";

/** True for a table of a version that called the incarnation something else. */
export const hasFormerName = ({ schema }: Table): boolean =>
  schema.fields.some(({ name }) => name === formerIncarnationColumn) &&
  !schema.fields.some(({ name }) => name === incarnationColumn);

/** Columns under the names of now. Their ids stay, and readers of Iceberg go by those: files need no rewrite. */
export function renamedFields(fields: readonly TableField[]): {
  readonly fields: readonly TableField[];
  readonly changes: readonly Change[];
} {
  if (fields.some(({ name }) => name === incarnationColumn)) return { fields, changes: [] };
  const renamed = fields.map((one) =>
    one.name === formerIncarnationColumn ? { ...one, name: incarnationColumn } : one,
  );
  const changes = fields
    .filter(({ name }) => name === formerIncarnationColumn)
    .map(({ name }) => ({
      column: incarnationColumn,
      change: "renamed" as const,
      from: name,
      to: incarnationColumn,
    }));
  return { fields: renamed, changes };
}

/**
 * Gives a table of an earlier version the names and the columns of now, by metadata alone. Whoever writes to it meanwhile goes
 * on: files know columns by their ids.
 *
 * @param added plain columns that earlier versions did not have; old rows have NULL in them
 * @returns true when the table's columns have changed, by this call or by another one at the same time
 * @throws as `alter` of the catalog
 */
export async function takeOver(
  catalog: IcebergCatalog,
  table: Table | undefined,
  added: readonly IcebergField[] = [],
): Promise<boolean> {
  const lacking = ({ schema }: Table) =>
    added.filter(({ name }) => !schema.fields.some((one) => one.name === name));
  const isOfNow = (one: Table) => !hasFormerName(one) && lacking(one).length === 0;
  if (table === undefined || isOfNow(table)) return false;
  const { id, schema } = table;
  let { lastColumnId } = schema;
  const fields = [
    ...(hasFormerName(table) ? renamedFields(schema.fields).fields : schema.fields),
    ...lacking(table).map((one): TableField => ({ ...one, id: ++lastColumnId, type: one.type as string })),
  ];
  try {
    await catalog.alter({ table, fields, lastColumnId, setProperties: {} });
  } catch (error) {
    const lost = error instanceof PipectlError && error.code === "commit_conflict";
    const now = lost ? await catalog.table(id) : undefined;
    if (now === undefined || !isOfNow(now)) throw error;
  }
  return true;
}

/** The rows of a table as they stand behind FROM, under the names of now, also where nobody has taken it over yet. */
export function rowsOf(table: Table, options: ReadOptions): string {
  const rows = readFrom(table.id, options);
  return hasFormerName(table)
    ? `(SELECT *, ${quoted(formerIncarnationColumn)} AS ${quoted(incarnationColumn)} FROM ${rows})`
    : rows;
}
