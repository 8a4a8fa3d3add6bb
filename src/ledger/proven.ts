import type { Queries } from "../execution/query.js";
import type { Table } from "../iceberg/catalog.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import type { PartitionRange } from "../kafka/read-partition.js";
import { sameRows } from "../lake/lineage.js";
import { appendedBetween } from "../lake/read-options.js";
import type { Needs } from "../workspace/workspace.js";
import { type Account, hashesOf, nothingLanded, type PartitionAccount } from "./account.js";
import { countRows, type Found, type Read } from "./count-rows.js";

/**
 * The recorded account with the rows that its stream has appended since, which are the only ones read.
 *
 * @returns undefined unless, in each partition, every record from its next offset on occurs exactly once
 */
export async function provenStream(
  workspace: Queries & Needs<"kafka">,
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
  recorded: Account,
  topic: TopicOffsets,
): Promise<Account | undefined> {
  const { kafka, dataset, signal, report } = workspace;
  report({ type: "step", text: "Bronze: counting what the stream has appended" });
  const since = (kind: keyof Read, table: Table, snapshot: string | null): Read =>
    table.current === undefined || sameRows(table, snapshot)
      ? {}
      : { [kind]: appendedBetween(snapshot, table.current.id) };
  const found = await countRows(workspace, { bronze, dlq }, [], {
    ...since("bronze", bronze, recorded.bronzeSnapshot),
    ...since("dlq", dlq, recorded.dlqSnapshot),
  });
  const countRecords = (range: PartitionRange) => kafka.countRecords(dataset.topic, range, signal);
  return await withAppended(recorded, found, topic, countRecords);
}

/**
 * The account with the appended rows.
 *
 * @param countRecords the number of records that Kafka has in a range; called only when there are fewer rows than offsets
 * @returns undefined unless, in each partition, every record from its next offset on occurs exactly once
 */
export async function withAppended(
  account: Account,
  found: readonly Found[],
  topic: TopicOffsets,
  countRecords: (range: PartitionRange) => Promise<number>,
): Promise<Account | undefined> {
  const { incarnation } = account;
  const lines = new Map(account.partitions.map((line) => [`${line.incarnation}/${line.partition}`, line]));
  for (const { partition, bronze, dlq, offsets, min, max, ...rows } of found) {
    const key = `${rows.incarnation}/${partition}`;
    const line: PartitionAccount = lines.get(key) ?? { incarnation, partition, ...nothingLanded };
    const landed = bronze + dlq;
    if (rows.incarnation !== incarnation || offsets !== landed || min < line.next) return undefined;
    const range = { partition, start: line.next, end: max + 1 };
    const withoutRecord = range.end - range.start - landed;
    if (withoutRecord > 0) {
      // Records that Kafka has removed since cannot be counted.
      const first = topic.partitions.find((one) => one.partition === partition)?.first ?? 0;
      if (first > range.start || (await countRecords(range)) !== landed) return undefined;
    }
    lines.set(key, {
      ...line,
      next: range.end,
      bronze: line.bronze + bronze,
      dlq: line.dlq + dlq,
      withoutRecord: line.withoutRecord + withoutRecord,
      ...hashesOf(line.hashes, rows.hashes),
    });
  }
  return { ...account, partitions: [...lines.values()] };
}
