import { sum } from "../../core/sum.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { appendedSince } from "../../lake/lineage.js";
import { appendedBetween } from "../../lake/read-options.js";
import type { Tables } from "../../lake/tables.js";
import { isRemade, readableAccount } from "../../ledger/account.js";
import { countRows } from "../../ledger/count-rows.js";
import type { Workspace } from "../../workspace/workspace.js";

/**
 * Upper bound of the records that a table loses by a rollback and that Kafka no longer has, so that no run can ingest them
 * again. Rows are read only if Kafka has removed records.
 *
 * @returns null when unknown: commits other than appends came after the snapshot
 */
export async function unrecoverableOf(
  workspace: Workspace,
  kind: "bronze" | "dlq",
  tables: Partial<Tables>,
  to: string,
): Promise<number | null> {
  const { kafka, dataset } = workspace;
  const table = tables[kind] as Table;
  const account = readableAccount(tables.bronze);
  const appended = appendedSince(table, to);
  if (account === undefined || appended === undefined) return null;
  const topic = await kafka.topicOffsets(dataset.topic);
  const remade = isRemade(account, topic);
  const complete = account.incarnation === 0 && !remade && topic.partitions.every(({ first }) => first === 0);
  if (appended.length === 0 || complete) return 0;
  const read = { [kind]: appendedBetween(to, (table.current as Snapshot).id) };
  const found = await countRows(workspace, tables, topic.partitions, read);
  // Kafka has no records of an older topic.
  return sum(
    found.map((rows) => (remade || rows.incarnation !== account.incarnation ? rows.offsets : rows.removed)),
  );
}
