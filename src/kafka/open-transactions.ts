import { batchesIn } from "./batches.js";
import { type Cluster, uncommittedToo } from "./cluster.js";
import { fetchRecords } from "./fetch.js";
import type { PartitionOffsets } from "./offsets.js";

/** A transaction that nobody has ended: readers of committed records come no further than where it began. */
export interface OpenTransaction {
  readonly partition: number;
  /** Kafka's number of its producer, as text: 64 bits. */
  readonly producerId: string;
  /** Its first offset, which is the partition's end for readers. */
  readonly offset: number;
  /** The time of its first record, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** Offsets from there on, its own and those of others. */
  readonly waiting: number;
}

/**
 * The transactions that hold partitions back, at most one of each partition: what readers of all records find at the end of the
 * committed ones.
 *
 * @param partitions with their ends for readers of committed records
 */
export async function openTransactions(
  cluster: Cluster,
  topic: string,
  partitions: readonly PartitionOffsets[],
): Promise<OpenTransaction[]> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  const looks = partitions.map(async ({ partition, end }): Promise<OpenTransaction[]> => {
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) return [];
    const broker = await cluster.findBroker({ nodeId });
    const at = { partition, offset: end, bytes: 1 };
    const { highWatermark, lastStable, records } = await fetchRecords(broker, topic, at, uncommittedToo);
    const [batch] = batchesIn(records);
    // It has ended since: the end is further.
    if (lastStable > end || batch === undefined || !batch.isTransactional || batch.isControl) return [];
    const { producerId, timestampMs } = batch;
    return [
      { partition, producerId: String(producerId), offset: end, timestampMs, waiting: highWatermark - end },
    ];
  });
  return (await Promise.all(looks)).flat();
}
