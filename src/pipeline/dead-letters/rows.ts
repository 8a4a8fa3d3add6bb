import { batchQuery } from "../../execution/batch-query.js";
import type { Table } from "../../iceberg/catalog.js";
import { rowsOf } from "../../lake/former-names.js";
import { asOf } from "../../lake/read-options.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Source } from "./dead-letters.js";
import { type DeadLetterFilter, filterSql } from "./reasons.js";

/**
 * Passes some of the dead letters to `action`, from the table's current snapshot, so that several queries of a session see the
 * same rows.
 *
 * @returns undefined when the table does not exist, or was never written to
 */
export async function withDeadLetters<T>(
  workspace: Workspace,
  filter: DeadLetterFilter,
  action: (source: Source) => Promise<T>,
): Promise<T | undefined> {
  const { catalog, dataset, signal } = workspace;
  const table: Table | undefined = await catalog.table(dataset.tables.dlq);
  if (table?.current === undefined) return undefined;
  const from = rowsOf(table, asOf(table.current.id));
  return await batchQuery(workspace, "pipectl query", (session) =>
    action({ session, from, where: filterSql(filter), signal }),
  );
}
