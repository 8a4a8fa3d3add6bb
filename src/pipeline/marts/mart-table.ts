import { failed } from "../../core/errors.js";
import type { Dataset } from "../../dataset/types.js";
import type { Table } from "../../iceberg/catalog.js";
import { layoutChanges } from "../../iceberg/layout.js";
import type { IcebergField } from "../../iceberg/types.js";
import { martTable } from "../../lake/definitions.js";
import { evolutionOf } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Mart } from "./mart.js";
import { martIn, recordedMart, stateOf } from "./mart-state.js";

/**
 * The mart's table with the columns of its query: created if missing, and changed by metadata if columns only have to be added
 * or widened.
 *
 * @throws PipectlError (failed) `mart_changed` when the table cannot be changed to these columns
 */
export async function readyTable(
  { catalog, dataset, report }: Workspace,
  mart: Mart,
  columns: readonly IcebergField[],
  found: Table | undefined,
): Promise<Table> {
  const definition = martTable(columns, {
    ...(mart.description === "" ? {} : { comment: mart.description }),
    ...martIn(stateOf(dataset, mart)),
  });
  if (found === undefined) {
    await catalog.createTable(mart.table, definition);
    return await there(catalog.table(mart.table), dataset, mart);
  }
  const { changes, refusals, fields, lastColumnId } = evolutionOf(found, definition);
  if (refusals.length > 0) {
    const which = refusals.map(({ column, why }) => `${column}: ${why.replace("the manifest", "its query")}`);
    throw failed(
      "mart_changed",
      `${mart.file}:${mart.line}: ${mart.table.qualified} cannot become what the query gives: ${which.join("; ")}`,
      {
        hint: "name another table with `-- table: namespace.table` at the head of the file, or drop that one",
      },
    );
  }
  // A mart is always made anew as a whole, and nobody else may write to it: what another engine did to its layout is undone.
  const layout = layoutChanges(found, definition.partitionBy);
  const differences = [...changes.map(() => "columns"), ...layout.map(({ what }) => what)];
  if (differences.length === 0) return found;
  report({
    type: "note",
    text: `${mart.table.qualified}: ${differences.length} changes (${[...new Set(differences)].join(", ")})`,
  });
  const { partitionBy } = definition;
  await catalog.alter({ table: found, fields, lastColumnId, partitionBy, setProperties: {} });
  return await there(catalog.table(mart.table), dataset, mart);
}

async function there(asked: Promise<Table | undefined>, dataset: Dataset, mart: Mart): Promise<Table> {
  const table = await asked;
  if (table === undefined)
    throw failed("table_missing", `${mart.table.qualified} was created, but the catalog does not list it`);
  // Another program may have created it first.
  recordedMart(table, dataset, mart);
  return table;
}
