import { failed } from "../../core/errors.js";
import type { Dataset } from "../../dataset/types.js";
import type { Table } from "../../iceberg/catalog.js";
import type { IcebergField } from "../../iceberg/types.js";
import { martTable } from "../../lake/definitions.js";
import { evolutionOf } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Mart } from "./mart.js";
import { martIn, recordedMart, stateOf } from "./mart-state.js";

/**
 * The mart's table, with the columns of its query: made where it is not there, and changed by metadata where it only has to grow.
 *
 * @throws PipectlError (failed) `mart_changed` where the columns cannot become what they are to be
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
  if (changes.length === 0) return found;
  report({ type: "note", text: `${mart.table.qualified}: ${changes.length} changes of its columns` });
  await catalog.alter({ id: found.id, from: found.schema, fields, lastColumnId, setProperties: {} });
  return await there(catalog.table(mart.table), dataset, mart);
}

async function there(asked: Promise<Table | undefined>, dataset: Dataset, mart: Mart): Promise<Table> {
  const table = await asked;
  if (table === undefined)
    throw failed("table_missing", `${mart.table.qualified} was created, but is not there`);
  // Somebody else may have been quicker.
  recordedMart(table, dataset, mart);
  return table;
}
