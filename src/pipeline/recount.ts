import { failed, PipectlError } from "../core/errors.js";
import { count } from "../core/format.js";
import type { Table } from "../iceberg/catalog.js";
import type { TopicOffsets } from "../kafka/client.js";
import { type Account, isRemade, type PartitionAccount, readAccount, recordedAccount } from "./account.js";
import { batchQuery } from "./batch-query.js";
import type { Workspace } from "./workspace.js";

/** What is in both tables of one partition, in one epoch. */
export interface Found {
  readonly epoch: number;
  readonly partition: number;
  readonly bronze: number;
  readonly dlq: number;
  /** Distinct offsets. */
  readonly offsets: number;
  /** Distinct offsets that Kafka has removed by now; their rows cannot be made again. */
  readonly removed: number;
  readonly min: number;
  readonly max: number;
}

/** An account made from the rows themselves. */
export interface Recount {
  /** Where a partition has a hole, `next` is the first offset that can still be read, though some after it have landed. */
  readonly account: Omit<Account, "run" | "bronzeSnapshot" | "dlqSnapshot">;
  /** Offsets from `next` on that are in the tables already, by partition with a hole. */
  readonly there: ReadonlyMap<number, number>;
}

/**
 * The account that was recorded with the tables' snapshots; where there is none that holds, one that is made from every
 * row, and then what of the ranges to come is `there` already.
 */
export async function accountInForce(
  workspace: Workspace,
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
  topic: TopicOffsets,
  acceptLoss: boolean,
): Promise<{ account: Account | undefined; there?: ReadonlyMap<number, number> }> {
  try {
    return { account: readAccount(bronze, dlq) };
  } catch (error) {
    if (!(error instanceof PipectlError) || error.code !== "account_untrusted") throw error;
    workspace.report({ type: "warning", text: error.message });
    workspace.report({ type: "step", text: "Bronze: counting every row by partition and offset" });
    const recounted = await recount(workspace, topic, recordedAccount(bronze), acceptLoss);
    const snapshots = { bronzeSnapshot: bronze.current?.id ?? null, dlqSnapshot: dlq.current?.id ?? null };
    return { account: { ...recounted.account, ...snapshots, run: "" }, there: recounted.there };
  }
}

/**
 * Makes an account for tables that were written by something that keeps none: every row is read. A highest offset alone
 * can hide a hole, so rows, distinct offsets and the span are compared for each partition.
 *
 * @param known what was recorded last; its first offsets, its losses and its offsets without a record still hold
 */
async function recount(
  workspace: Workspace,
  topic: TopicOffsets,
  known: Account | undefined,
  acceptLoss: boolean,
): Promise<Recount> {
  const { dataset, signal } = workspace;
  const { bronze, dlq } = dataset.tables;
  // A partition that Kafka no longer has was removed altogether.
  const firsts = topic.partitions.map(({ partition, first }) => `WHEN ${partition} THEN ${first}`).join(" ");
  const rowsOf = ({ namespace, table }: { namespace: string; table: string }, good: number) =>
    `SELECT kafka_epoch, kafka_partition, kafka_offset, ${good} AS good FROM lake.\`${namespace}\`.\`${table}\``;
  const sql = `SELECT kafka_epoch, kafka_partition, SUM(good), SUM(1 - good), COUNT(DISTINCT kafka_offset),
      COUNT(DISTINCT CASE WHEN kafka_offset < CASE kafka_partition ${firsts} ELSE kafka_offset + 1 END THEN kafka_offset END),
      MIN(kafka_offset), MAX(kafka_offset)
    FROM (${rowsOf(bronze, 1)} UNION ALL ${rowsOf(dlq, 0)}) GROUP BY kafka_epoch, kafka_partition`;
  const { rows } = await batchQuery(workspace, "pipectl recount", (session) =>
    session.query(sql, 1_000_000, signal),
  );
  const found = rows.map((row): Found => {
    const [epoch, partition, inBronze, inDlq, offsets, removed, min, max] = row.map(Number) as [
      ...[number, number, number, number, number, number, number, number],
    ];
    return { epoch, partition, bronze: inBronze, dlq: inDlq, offsets, removed, min, max };
  });
  return accountFrom(found, dataset.topic, topic, known, acceptLoss);
}

/**
 * The account that rows tell. Pure.
 *
 * @throws PipectlError (failed) `rows_doubled` when an offset stands in the tables more than once, `records_lost` when one
 *   is missing that Kafka no longer has, both with numbers by partition
 */
export function accountFrom(
  found: readonly Found[],
  name: string,
  topic: TopicOffsets,
  known: Account | undefined,
  acceptLoss: boolean,
): Recount {
  const epoch = known?.epoch ?? Math.max(0, ...found.map((rows) => rows.epoch));
  const remade = known !== undefined && isRemade(known, topic);
  const doubled = found.filter((rows) => rows.bronze + rows.dlq > rows.offsets);
  if (doubled.length > 0) {
    const lines = doubled.map(
      (rows) => `${nameOf(rows)}: ${count(rows.bronze + rows.dlq - rows.offsets)} rows too many`,
    );
    throw failed(
      "rows_doubled",
      `offsets of ${name} stand in the tables more than once:\n  ${lines.join("\n  ")}`,
      {
        hint: "take the rows out that were written twice: roll the table back to the snapshot before",
      },
    );
  }
  const lost: string[] = [];
  const there = new Map<number, number>();
  const lineOf = (at: { readonly epoch: number; readonly partition: number }): PartitionAccount => {
    const rows = found.find((one) => one.epoch === at.epoch && one.partition === at.partition);
    const before = known?.partitions.find((one) => one.epoch === at.epoch && one.partition === at.partition);
    const inKafka =
      at.epoch === epoch && !remade
        ? topic.partitions.find(({ partition }) => partition === at.partition)
        : undefined;
    const first =
      before?.first ??
      (known === undefined ? Math.min(rows?.min ?? Infinity, inKafka?.first ?? Infinity) : 0);
    const end = Math.max((rows?.max ?? -1) + 1, before?.next ?? first);
    const offsets = rows?.offsets ?? 0;
    const explained = { lost: before?.lost ?? 0, withoutRecord: before?.withoutRecord ?? 0 };
    const counts = { ...at, first, bronze: rows?.bronze ?? 0, dlq: rows?.dlq ?? 0 };
    const missing = end - first - offsets - explained.lost - explained.withoutRecord;
    // Before anything else: a row outside and a hole inside would make the sum come out right.
    if (missing < 0 || (rows !== undefined && rows.min < first)) {
      throw failed(
        "account_untrusted",
        `${nameOf(at)} has rows outside of what was ever taken, from offset ${first}`,
        {
          hint: "pipectl validate --deep",
        },
      );
    }
    if (missing === 0) return { ...counts, ...explained, next: end };
    // What lies before the first offset that Kafka still has can only be explained, not taken.
    const readable = Math.min(Math.max(first, inKafka?.first ?? end), end);
    const removed = inKafka === undefined ? offsets : (rows?.removed ?? 0);
    const unread = readable - first - removed - explained.lost;
    const withoutRecord = Math.min(unread, explained.withoutRecord);
    if (unread > withoutRecord)
      lost.push(`${nameOf(at)}: ${count(unread - withoutRecord)} offsets before ${readable}`);
    if (at.epoch === epoch) there.set(at.partition, offsets - removed);
    return { ...counts, next: readable, withoutRecord, lost: explained.lost + unread - withoutRecord };
  };
  const current = new Set([
    ...topic.partitions.filter(() => !remade).map(({ partition }) => partition),
    ...found.filter((rows) => rows.epoch === epoch).map(({ partition }) => partition),
    ...(known?.partitions ?? []).filter((line) => line.epoch === epoch).map(({ partition }) => partition),
  ]);
  const older = new Map(
    [...(known?.partitions ?? []), ...found]
      .filter((line) => line.epoch !== epoch)
      .map((line) => [`${line.epoch}/${line.partition}`, { epoch: line.epoch, partition: line.partition }]),
  );
  const partitions = [
    ...[...older.values()].map(lineOf),
    ...[...current].sort((a, b) => a - b).map((partition) => lineOf({ epoch, partition })),
  ];
  if (lost.length > 0 && !acceptLoss) {
    throw failed(
      "records_lost",
      `the tables lack records of ${name} that Kafka no longer has:\n  ${lost.join("\n  ")}`,
      {
        hint: "pipectl process --accept-loss goes on without them, and the account shows it for ever",
      },
    );
  }
  const topicId = known?.topicId ?? topic.id;
  return { account: { version: 2, topic: name, topicId, epoch, partitions }, there };
}

const nameOf = ({ epoch, partition }: { readonly epoch: number; readonly partition: number }) =>
  epoch === 0 ? `partition ${partition}` : `epoch ${epoch}, partition ${partition}`;
