import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import type { Plan, Range } from "../lake/ranges.js";
import { type Account, isRemade, landedOf, progressOf } from "./account.js";
import type { Standing } from "./anchors.js";

/** The hint for lost records. */
export const acceptLossHint =
  "pipectl process --accept-loss continues without them, and the account shows the loss for ever";

/**
 * The offsets that have not landed, by partition, up to the current end of the topic. Every partition is listed, even without
 * new records: a job reads a partition without a range completely.
 *
 * With `acceptLoss`, what Kafka no longer has is recorded as lost, and another topic of the same name begins a new incarnation.
 *
 * @param standings of the account's anchors
 * @throws PipectlError (failed) `records_lost` when the topic no longer has records that have not landed, `topic_remade`
 *   when it is another topic of the same name, `topic_shrunk` when it ends before what has landed, `topic_diverged` when it
 *   has other records than those that have landed
 */
export function planRanges(
  name: string,
  topic: TopicOffsets,
  account: Account | undefined,
  acceptLoss: boolean,
  present: ReadonlyMap<number, number> = new Map(),
  standings: readonly Standing[] = [],
): Plan {
  const remade = account !== undefined && isRemade(account, topic);
  if (remade && !acceptLoss) throw remadeError(name, account, topic);
  const shrunk = account === undefined || remade ? [] : shrinkage(account, topic);
  // A hole in tables of which Kafka has lost the end: no incarnation would tell what is there from what is to come.
  if (shrunk.length > 0 && (!acceptLoss || present.size > 0)) {
    throw failed("topic_shrunk", `topic ${name} ends before what has landed:\n  ${shrunk.join("\n  ")}`, {
      hint: "Kafka lost the end of its log. pipectl process --accept-loss continues from where the topic ends now",
    });
  }
  const diverged = standings.flatMap((one) => (one.differs === undefined ? [] : [one as Diverged]));
  if (diverged.length > 0 && (!acceptLoss || present.size > 0))
    throw divergedError(name, diverged, account?.incarnation ?? 0);
  const begins = remade || shrunk.length > 0 || diverged.length > 0;
  const lost: string[] = [];
  const ranges = topic.partitions.map((offsets): Range => {
    const { partition, first, end } = offsets;
    const { next, removed } = progressOf(account, topic, offsets);
    if (removed > 0) lost.push(`partition ${partition}: ${count(removed)} (offsets ${next} to ${first - 1})`);
    const other = diverged.find((one) => one.partition === partition);
    if (other !== undefined) {
      // What lies behind the last record that is the same is taken again: what lay there before is in no other place.
      const start = Math.max(first, other.sameBelow ?? first);
      return { partition, start, end, lost: 0, skipped: 0, present: 0 };
    }
    return {
      partition,
      // After Kafka has lost the end of a log, nobody knows which of its records replaced lost ones, so the current ones
      // are skipped.
      start: Math.min(next + removed, end),
      end,
      lost: removed,
      skipped: 0,
      present: remade ? 0 : (present.get(partition) ?? 0),
    };
  });
  if (lost.length > 0 && !acceptLoss) {
    throw failed(
      "records_lost",
      `Kafka removed records of ${name} before they landed:\n  ${lost.join("\n  ")}`,
      { hint: acceptLossHint },
    );
  }
  return { topicId: topic.id, incarnation: (account?.incarnation ?? 0) + (begins ? 1 : 0), ranges };
}

type Diverged = Standing & Required<Pick<Standing, "differs">>;

function divergedError(name: string, diverged: readonly Diverged[], incarnation: number) {
  return failed(
    "topic_diverged",
    `topic ${name} has other records than those that have landed:\n  ${diverged.map(divergence).join("\n  ")}`,
    {
      hint: `Kafka was restored from an older copy, or lost the end of its log and was filled again. pipectl process --accept-loss takes what it has there now, as incarnation ${incarnation + 1}; the rows that have landed stay`,
    },
  );
}

/** Where a partition has other records, in words. */
export const divergence = ({ partition, differs, sameBelow }: Diverged): string =>
  `partition ${partition}: another record at offset ${differs.offset}, ` +
  (sameBelow === undefined ? "and none that is the same" : `the same ones up to offset ${sameBelow - 1}`);

/** @returns a line for each partition that ends before what has landed of it, or that no longer exists */
function shrinkage(account: Account, topic: TopicOffsets): string[] {
  const ends = new Map(topic.partitions.map(({ partition, end }) => [partition, end]));
  return account.partitions.flatMap(({ incarnation, partition, next }) => {
    if (incarnation !== account.incarnation) return [];
    const end = ends.get(partition);
    if (end === undefined) return [`partition ${partition} no longer exists`];
    return end < next ? [`partition ${partition} ends at ${end}, but landed up to ${next}`] : [];
  });
}

function remadeError(name: string, account: Account, topic: TopicOffsets) {
  const lines = topic.partitions.map(
    ({ partition, first, end }) =>
      `partition ${partition}: the old one landed up to offset ${landedOf(account, partition)?.next ?? 0}, ` +
      `the new one has ${count(end - first)} records (offsets ${first} to ${end})`,
  );
  return failed(
    "topic_remade",
    `topic ${name} was deleted and made again; what the old one held beyond what landed is gone:\n  ${lines.join("\n  ")}`,
    {
      hint: `pipectl process --accept-loss takes the new topic from its beginning, as incarnation ${account.incarnation + 1}`,
    },
  );
}
