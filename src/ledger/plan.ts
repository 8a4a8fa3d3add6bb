import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import type { Plan, Range } from "../lake/ranges.js";
import { type Account, isRemade, landedOf, progressOf } from "./account.js";

/** The hint for lost records. */
export const acceptLossHint =
  "pipectl process --accept-loss continues without them, and the account shows the loss for ever";

/**
 * The offsets that have not landed, by partition, up to the current end of the topic. Every partition is listed, even without
 * new records: a job reads a partition without a range completely.
 *
 * With `acceptLoss`, what Kafka no longer has is recorded as lost, and another topic of the same name begins a new incarnation.
 *
 * @throws PipectlError (failed) `records_lost` when the topic no longer has records that have not landed, `topic_remade`
 *   when it is another topic of the same name, `topic_shrunk` when it ends before what has landed
 */
export function planRanges(
  name: string,
  topic: TopicOffsets,
  account: Account | undefined,
  acceptLoss: boolean,
  present: ReadonlyMap<number, number> = new Map(),
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
  const begins = remade || shrunk.length > 0;
  const lost: string[] = [];
  const ranges = topic.partitions.map((offsets): Range => {
    const { partition, first, end } = offsets;
    const { next, removed } = progressOf(account, topic, offsets);
    if (removed > 0) lost.push(`partition ${partition}: ${count(removed)} (offsets ${next} to ${first - 1})`);
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
