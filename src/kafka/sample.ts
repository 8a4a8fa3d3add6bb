import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "../core/errors.js";
import type { Cluster } from "./cluster.js";
import type { PartitionOffsets } from "./offsets.js";
import { readPartition } from "./read-partition.js";

const fetchBytes = 1024 * 1024;
/** A broker that is alive answers sooner. */
const silenceMs = 10_000;

export interface SampleOptions {
  readonly count: number;
  readonly signal: AbortSignal;
  readonly onValue: (value: Buffer | null) => void;
}

/** Reads the oldest records of each partition, evenly over the partitions as far as they have enough. */
export async function sampleTopic(
  cluster: Cluster,
  topic: string,
  partitions: readonly PartitionOffsets[],
  { count, signal, onValue }: SampleOptions,
): Promise<{ isSample: boolean }> {
  let isSample = false;
  for (const { partition, start, end, take } of sharesOf(partitions, count)) {
    const batches = readPartition(cluster, topic, { partition, start, end }, fetchBytes, signal);
    let taken = 0;
    reading: for (;;) {
      const next = await within(batches.next(), topic, partition, signal);
      if (next.done) break;
      for (const { value } of next.value) {
        if (taken === take) break reading;
        onValue(value);
        taken++;
      }
    }
    await batches.return(undefined);
    isSample ||= end - start > take;
  }
  return { isSample };
}

/** How many records to take from each partition; the others make up for a short one. */
export function sharesOf(
  partitions: readonly PartitionOffsets[],
  count: number,
): { partition: number; start: number; end: number; take: number }[] {
  const bySize = [...partitions].sort((a, b) => a.end - a.first - (b.end - b.first));
  let left = count;
  const shares = bySize.map(({ partition, first, end }, index) => {
    const take = Math.min(end - first, Math.ceil(left / (bySize.length - index)));
    left -= take;
    return { partition, start: first, end, take };
  });
  return shares.sort((a, b) => a.partition - b.partition);
}

async function within<T>(
  work: Promise<T>,
  topic: string,
  partition: number,
  signal: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const silence = delay(silenceMs, undefined, { signal: AbortSignal.any([signal, over.signal]) }).then(() => {
    throw unavailable(
      "topic_silent",
      `Kafka gave no record of partition ${partition} of ${topic} within ${silenceMs / 1000} s, although there are some`,
      { hint: "pipectl logs kafka" },
    );
  });
  // The loser of the race may still fail; nobody waits for it then.
  work.catch(() => {});
  silence.catch(() => {});
  try {
    return await Promise.race([work, silence]);
  } finally {
    over.abort();
  }
}
