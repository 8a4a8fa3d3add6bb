import { sum } from "../core/sum.js";
import type { Queries } from "../execution/query.js";
import type { Table } from "../iceberg/catalog.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import type { Committed } from "../kafka/read-partition.js";
import { isAppend, partitionSummaries } from "../lake/lineage.js";
import type { StreamMark } from "../lake/stream-mark.js";
import { loadTables, type Tables } from "../lake/tables.js";
import type { Needs } from "../workspace/workspace.js";
import { type Account, progressOf, readAccount, readableAccount, recordedAccount } from "./account.js";
import { provenStream } from "./proven.js";

/** The current state, also while a stream writes. */
export interface Current {
  readonly account: Account | undefined;
  /** The oldest record that has not landed, for each partition that has one. */
  readonly waiting: ReadonlyMap<number, Committed>;
  /** Milliseconds since rows of a partition with waiting records have landed; 0 when no records wait. */
  readonly stuckMs: number;
  /** True when a stream has skipped offsets, or has ingested some twice. */
  readonly broken: boolean;
  /** True when the rows looked wrong, and could not be counted in time. */
  readonly unproven?: true;
  /** True when offsets may hold no record, and the rows could not be counted in time: doubled rows would look like those offsets. */
  readonly uncounted?: boolean;
}

/** A stream without a completed checkpoint or a commit for this many milliseconds is in trouble. */
export const overdueMs = (intervalMs: number) => 2 * intervalMs + 15_000;

/** A count is aborted after this time: without a TaskManager, Flink would wait for one for minutes. */
const proofMs = 40_000;

/** Loads the topic and the tables, in an order in which no table is ahead of the topic. */
export async function topicAndTables({
  kafka,
  catalog,
  dataset,
}: Needs<"dataset" | "kafka" | "catalog">): Promise<{
  readonly topic: TopicOffsets;
  readonly tables: Partial<Tables>;
  /** The stream that has written to the tables since the account, and may still be writing. */
  readonly stream: StreamMark | undefined;
}> {
  const [topic, tables] = await Promise.all([
    kafka.topicOffsets(dataset.topic),
    loadTables(catalog, dataset),
  ]);
  const stream = readableAccount(tables.bronze)?.stream;
  // The stream may have ingested newer records since.
  return { topic: stream === undefined ? topic : await kafka.topicOffsets(dataset.topic), tables, stream };
}

/**
 * The current account, and the records that wait for a stream. Rows that a stream has appended count as one offset each; they
 * are read only if that looks wrong. It does when records seem to wait too long (offsets without a record, such as transaction
 * markers, look the same), and when the job has committed higher offsets to its group.
 *
 * @param committed offsets that the stream's consumer group has committed, read before the tables
 * @param strict also reads them where offsets of the topic may hold no record: with a doubled row for each, the numbers are right
 * @throws PipectlError as `readAccount`
 */
export async function currentAccount(
  workspace: Queries & Needs<"kafka">,
  { bronze, dlq }: Partial<Tables>,
  topic: TopicOffsets,
  committed: ReadonlyMap<number, number | null> = new Map(),
  strict = false,
): Promise<Current> {
  // Of the tables: however long Kafka and a count of the rows take, nothing that has landed since counts as late.
  const at = Date.now();
  const account = readAccount(bronze, dlq);
  const recorded = recordedAccount(bronze);
  const waiting = await waitingOf(workspace, topic, account);
  const unproven = { account, waiting, stuckMs: stuckSince(waiting, [bronze, dlq], at), broken: false };
  if (account?.stream === undefined || recorded === undefined || bronze === undefined || dlq === undefined)
    return unproven;
  const behind = account.partitions.some(
    ({ incarnation, partition, next }) =>
      incarnation === account.incarnation && (committed.get(partition) ?? 0) > next,
  );
  const overdue = unproven.stuckMs > overdueMs(workspace.config.values.CHECKPOINT_INTERVAL);
  const gaps = strict && (await mayHaveGaps(workspace, recorded, account));
  const counted = { ...unproven, account: withTails(account, topic, waiting) };
  if (!behind && !overdue && !gaps) return counted;
  const proven = await proofInTime(workspace, { bronze, dlq }, recorded, topic);
  if (proven === "unknown")
    return behind || overdue ? { ...unproven, unproven: true } : { ...counted, uncounted: true };
  if (proven === undefined) return { ...unproven, broken: true };
  const still = await waitingOf(workspace, topic, proven);
  return {
    account: withTails(proven, topic, still),
    waiting: still,
    stuckMs: stuckSince(still, [bronze, dlq], at),
    broken: false,
  };
}

/** Whether offsets that the stream has read may hold no record. */
async function mayHaveGaps(
  { kafka, dataset }: Needs<"dataset" | "kafka">,
  recorded: Account,
  account: Account,
): Promise<boolean> {
  const landed = ({ partitions }: Account) => sum(partitions.map(({ next }) => next));
  if (landed(account) === landed(recorded)) return false;
  const known = recorded.partitions.some(({ withoutRecord }) => withoutRecord > 0);
  return known || (await kafka.mayHaveGaps(dataset.topic));
}

/** `unknown` when the rows could not be counted in time. The verdict then does without the count. */
async function proofInTime(
  workspace: Queries & Needs<"kafka">,
  tables: Pick<Tables, "bronze" | "dlq">,
  recorded: Account,
  topic: TopicOffsets,
): Promise<Account | undefined | "unknown"> {
  const { signal } = workspace;
  const limited = { ...workspace, signal: AbortSignal.any([signal, AbortSignal.timeout(proofMs)]) };
  return await provenStream(limited, tables, recorded, topic).catch(() => {
    signal.throwIfAborted();
    return "unknown" as const;
  });
}

/** @returns for each Kafka partition, when its rows last landed in one of the tables, in milliseconds since 1970 */
function lastLanded(tables: readonly (Table | undefined)[]): Map<number, number> {
  const last = new Map<number, number>();
  for (const snapshot of tables.flatMap((table) => table?.snapshots ?? []).filter(isAppend)) {
    for (const [partition] of partitionSummaries(snapshot))
      last.set(partition, Math.max(snapshot.timestampMs, last.get(partition) ?? 0));
  }
  return last;
}

function stuckSince(
  waiting: ReadonlyMap<number, Committed>,
  tables: readonly (Table | undefined)[],
  at: number,
): number {
  if (waiting.size === 0) return 0;
  const moved = lastLanded(tables);
  const since = [...waiting].map(([partition, { timestampMs }]) =>
    Math.max(timestampMs, moved.get(partition) ?? 0),
  );
  return Math.max(0, at - Math.min(...since));
}

async function waitingOf(
  { kafka, dataset, signal }: Needs<"dataset" | "kafka" | "signal">,
  topic: TopicOffsets,
  account: Account | undefined,
): Promise<Map<number, Committed>> {
  const looks = topic.partitions.map(async (offsets) => {
    const { partition, first, end } = offsets;
    const start = Math.max(progressOf(account, topic, offsets).next, first);
    if (start >= end) return [];
    const record = await kafka.firstRecord(dataset.topic, { partition, start, end }, signal);
    return record === undefined ? [] : ([[partition, record]] as const);
  });
  return new Map((await Promise.all(looks)).flat());
}

/** Offsets without a record at the end of a partition, such as the marker of the last transaction, count as read. */
function withTails(account: Account, topic: TopicOffsets, waiting: ReadonlyMap<number, Committed>): Account {
  const offsets = new Map(topic.partitions.map((one) => [one.partition, one]));
  return {
    ...account,
    partitions: account.partitions.map((line) => {
      const { first, end } = offsets.get(line.partition) ?? { first: 0, end: 0 };
      // Removed offsets are no such tail: they may have held records.
      const isTail = end > line.next && first <= line.next && !waiting.has(line.partition);
      if (line.incarnation !== account.incarnation || !isTail) return line;
      return { ...line, next: end, withoutRecord: line.withoutRecord + end - line.next };
    }),
  };
}
