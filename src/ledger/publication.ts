import { messageOf, unavailable } from "../core/errors.js";
import type { Table, TableChange } from "../iceberg/catalog.js";
import type { Needs } from "../workspace/workspace.js";
import { unfinished } from "./account.js";

/** The second commit of a publication. If it fails, the next run sees from bronze's account what is missing. */
export async function publishDeadLetters(
  { unaborted }: Needs<"unaborted">,
  change: TableChange,
): Promise<void> {
  try {
    await unaborted.catalog.commit(change);
  } catch (error) {
    throw unavailable(
      "publication_unfinished",
      `the run's rows are in bronze, its dead letters are not in ${change.id.namespace}.${change.id.table}: ${messageOf(error)}`,
      { hint: "pipectl process finishes it", cause: error },
    );
  }
}

/** Makes the second commit for a run that was killed before it. */
export async function finishPublication<T extends { readonly bronze: Table; readonly dlq: Table }>(
  { catalog, report }: Needs<"catalog" | "report">,
  tables: T,
): Promise<T> {
  const change = unfinished(tables.bronze, tables.dlq);
  if (change === undefined) return tables;
  report({
    type: "note",
    text: "publishing the dead letters of a run that was killed between its two commits",
  });
  await catalog.commit(change);
  return { ...tables, dlq: (await catalog.table(tables.dlq.id)) ?? tables.dlq };
}
