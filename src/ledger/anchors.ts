import { PipectlError } from "../core/errors.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import type { Anchor, Range } from "../lake/ranges.js";
import type { Needs } from "../workspace/workspace.js";
import { type Account, lineOf } from "./account.js";

/**
 * Anchors: a few records of each partition that have landed. Kafka that was restored from an older copy has other records at
 * the offsets after it, as soon as somebody has sent some. While a partition's last anchor is the same in Kafka, so is everything
 * before it.
 */

/** What Kafka has at the anchors of a partition. */
export interface Standing {
  readonly partition: number;
  /** The first anchor with another record in Kafka; undefined while the newest one that Kafka still has is the same. */
  readonly differs?: Anchor;
  /** The offset after the last anchor that is the same; undefined when none is. */
  readonly sameBelow?: number;
  /** True when Kafka has none of the records any more: retention or compaction has removed them. */
  readonly gone: boolean;
}

type Reads = Needs<"dataset" | "kafka" | "signal">;

/**
 * Compares each partition's newest anchor that has landed with Kafka, in one fetch for each partition. Older ones are looked at where
 * compaction has removed it, or where Kafka has another record.
 *
 * @param topic of the account: not one that was made again
 * @returns a standing for each partition that has an anchor which has landed
 */
export async function standings(
  workspace: Reads,
  topic: TopicOffsets,
  account: Account,
): Promise<Standing[]> {
  const looks = topic.partitions.map(async ({ partition, first, end }) => {
    const anchors = landedAnchors(account, partition);
    // What lies behind the end, Kafka has lost: that is seen without an anchor.
    const there = anchors.filter(({ offset }) => offset >= first && offset < end);
    if (there.length === 0 && anchors.every(({ offset }) => offset >= end)) return [];
    return [await standingOf(workspace, partition, there)];
  });
  return (await Promise.all(looks)).flat();
}

async function standingOf(
  { kafka, dataset, signal }: Reads,
  partition: number,
  anchors: readonly Anchor[],
): Promise<Standing> {
  let differs: Anchor | undefined;
  for (const anchor of anchors.toReversed()) {
    const record = await kafka.recordAt(dataset.topic, anchor, signal);
    // Compacted, or a marker: nothing to compare.
    if (record === undefined) continue;
    if (record.checksum === anchor.checksum && record.timestampMs === anchor.timestampMs) {
      return { partition, gone: false, sameBelow: anchor.offset + 1, ...(differs && { differs }) };
    }
    differs = anchor;
  }
  return differs === undefined ? { partition, gone: true } : { partition, gone: false, differs };
}

/** Those of a partition that have landed, by offset. A run records them before its rows are there. */
const landedAnchors = ({ incarnation, partitions, anchors = [] }: Account, partition: number) => {
  const line = lineOf(partitions, { incarnation, partition });
  return anchors
    .filter((anchor) => anchor.partition === partition && anchor.offset < (line?.next ?? 0))
    .sort((a, b) => a.offset - b.offset);
};

/** Of a range with more offsets than this, records in its middle are kept, too. */
const large = 1_000;

/**
 * Records of Kafka, as it is now, that will have landed up to the end of each range: the last one, and some within it.
 *
 * @param topic whose first offsets it has
 */
export async function newAnchors(
  { kafka, dataset, signal }: Reads,
  topic: TopicOffsets,
  ranges: readonly Pick<Range, "partition" | "start" | "end">[],
): Promise<Anchor[]> {
  const firsts = new Map(topic.partitions.map(({ partition, first }) => [partition, first]));
  const looks = ranges.flatMap(({ partition, start, end }) => {
    const size = end - start;
    const within = size > large ? [end - Math.ceil(size / 2), end - Math.ceil(size / 8)] : [];
    const before = { partition, start: firsts.get(partition) ?? 0, end };
    return [
      ...within.map((offset) => kafka.recordAt(dataset.topic, { partition, offset }, signal)),
      ...(before.start < end ? [kafka.lastRecord(dataset.topic, before, signal)] : []),
    ].map(async (look): Promise<Anchor[]> => {
      const record = await look.catch((error) => {
        // What is too large for us, the job may well read.
        if (!(error instanceof PipectlError) || error.code !== "batch_unreadable") throw error;
        return undefined;
      });
      return record === undefined ? [] : [{ partition, ...record }];
    });
  });
  return (await Promise.all(looks)).flat();
}
