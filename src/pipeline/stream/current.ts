import type { TopicOffsets } from "../../kafka/client.js";
import type { Committed } from "../../kafka/read-partition.js";
import { type Account, readAccount, recordedAccount, standingOf } from "../account.js";
import type { Tables } from "../tables.js";
import type { Workspace } from "../workspace.js";
import { provenStream } from "./proven.js";

/** How things stand at this moment, also while a stream writes. */
export interface Current {
  readonly account: Account | undefined;
  /** The oldest record that has not landed, by partition that has one. */
  readonly waiting: ReadonlyMap<number, Committed>;
  /** Milliseconds since anything has landed of what waits; 0 where nothing waits. */
  readonly stuckMs: number;
  /** True when a stream has left offsets out, or has taken some twice. */
  readonly broken: boolean;
}

/** Milliseconds without a completed checkpoint, or without a commit, after which a stream is in trouble. */
export const overdueMs = (intervalMs: number) => 2 * intervalMs + 15_000;

/**
 * The account in force, and what waits for a stream to take it. What a stream has appended counts as that many offsets:
 * only where records seem to wait for too long its rows are read, because offsets that hold no record, such as
 * the markers of transactions, look just like that.
 *
 * @throws PipectlError what `readAccount` throws
 */
export async function currentAccount(
  workspace: Workspace,
  { bronze, dlq }: Partial<Tables>,
  topic: TopicOffsets,
): Promise<Current> {
  const account = readAccount(bronze, dlq);
  const waiting = await waitingOf(workspace, topic, account);
  const moved = Math.max(bronze?.current?.timestampMs ?? 0, dlq?.current?.timestampMs ?? 0);
  const stuckMs = stuckSince(waiting, moved);
  const recorded = recordedAccount(bronze);
  const streams = account?.stream !== undefined;
  const broken = false;
  if (!streams) return { account, waiting, stuckMs, broken };
  const overdue = stuckMs > overdueMs(workspace.config.values.CHECKPOINT_INTERVAL);
  if (!overdue || recorded === undefined || bronze === undefined || dlq === undefined)
    return { account: withTails(account, topic, waiting), waiting, stuckMs, broken };
  const proven = await provenStream(workspace, { bronze, dlq }, recorded);
  if (proven === undefined) return { account, waiting, stuckMs, broken: true };
  const still = await waitingOf(workspace, topic, proven);
  return {
    account: withTails(proven, topic, still),
    waiting: still,
    stuckMs: stuckSince(still, moved),
    broken,
  };
}

function stuckSince(waiting: ReadonlyMap<number, Committed>, moved: number): number {
  if (waiting.size === 0) return 0;
  const oldest = Math.min(...[...waiting.values()].map(({ timestampMs }) => timestampMs));
  return Math.max(0, Date.now() - Math.max(oldest, moved));
}

async function waitingOf(
  { kafka, dataset, signal }: Workspace,
  topic: TopicOffsets,
  account: Account | undefined,
): Promise<Map<number, Committed>> {
  const looks = topic.partitions.map(async (offsets) => {
    const { partition, first, end } = offsets;
    const start = Math.max(standingOf(account, topic, offsets).next, first);
    if (start >= end) return [];
    const record = await kafka.firstRecord(dataset.topic, { partition, start, end }, signal);
    return record === undefined ? [] : ([[partition, record]] as const);
  });
  return new Map((await Promise.all(looks)).flat());
}

/** Offsets at the end of a partition that hold no record, such as the marker of the last transaction, are behind us. */
function withTails(account: Account, topic: TopicOffsets, waiting: ReadonlyMap<number, Committed>): Account {
  const ends = new Map(topic.partitions.map(({ partition, end }) => [partition, end]));
  return {
    ...account,
    partitions: account.partitions.map((line) => {
      const tail = (ends.get(line.partition) ?? 0) - line.next;
      if (line.epoch !== account.epoch || tail <= 0 || waiting.has(line.partition)) return line;
      return { ...line, next: line.next + tail, withoutRecord: line.withoutRecord + tail };
    }),
  };
}
