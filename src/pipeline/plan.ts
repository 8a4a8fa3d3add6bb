import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import type { PartitionOffsets } from "../kafka/client.js";
import type { Account } from "./account.js";

/** The offsets of one partition that a run takes: from `start` up to, not including, `end`. */
export interface Range {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export const sizeOf = (ranges: readonly Range[]) =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0);

/**
 * What has not landed, by partition, up to the end of the topic as it is now. Every partition is listed, also one with
 * nothing new: a job that is not told about a partition would read all of it.
 *
 * @throws PipectlError (failed) `records_lost` when the topic no longer has records that have not landed,
 *   `topic_shrunk` when it ends before what has landed, which is another topic of the same name
 */
export function planRanges(
  topic: string,
  offsets: readonly PartitionOffsets[],
  account: Account | undefined,
): Range[] {
  const landed = new Map(account?.partitions.map((partition) => [partition.partition, partition]));
  const lost: string[] = [];
  const shrunk: string[] = [];
  const ranges = offsets.map(({ partition, first, end }) => {
    const start = landed.get(partition)?.next ?? first;
    if (first > start) {
      lost.push(`partition ${partition}: ${count(first - start)} (offsets ${start} to ${first - 1})`);
    }
    if (end < start) shrunk.push(`partition ${partition} ends at ${end}, but ${start} offsets have landed`);
    return { partition, start, end };
  });
  const gone = [...landed.keys()].filter(
    (partition) => !offsets.some((offset) => offset.partition === partition),
  );
  for (const partition of gone) shrunk.push(`partition ${partition} is gone`);
  if (shrunk.length > 0) {
    throw failed(
      "topic_shrunk",
      `topic ${topic} is not the one that was read before:\n  ${shrunk.join("\n  ")}`,
      {
        hint: "pipectl validate shows the account; nothing was changed",
      },
    );
  }
  if (lost.length > 0) {
    throw failed(
      "records_lost",
      `Kafka removed records of ${topic} before they landed:\n  ${lost.join("\n  ")}`,
      {
        hint: "pipectl validate shows the account; nothing was changed",
      },
    );
  }
  return ranges;
}
