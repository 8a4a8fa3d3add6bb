import Batch from "kafkajs/src/consumer/batch.js";
import { type Cluster, readCommitted } from "./cluster.js";

export interface PartitionRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** A committed record of a partition. */
export interface Committed {
  readonly offset: number;
  /** Milliseconds since 1970: creation or append time, as the topic is configured. */
  readonly timestampMs: number;
}

/** A batch as kafkajs decodes it. */
export interface Message {
  readonly offset: string;
  readonly timestamp: string;
  readonly value: Buffer | null;
}

/**
 * Reads one partition's committed records from `start` up to, not including, `end`, fetch by fetch. Transaction markers, records of
 * aborted transactions and records removed by compaction are left out.
 *
 * @param fetchBytes the most bytes that one fetch brings; it always brings at least one batch
 * @param signal aborts between two fetches
 */
export async function* readPartition(
  cluster: Cluster,
  topic: string,
  { partition, start, end }: PartitionRange,
  fetchBytes: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Message[]> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new Error(`partition ${partition} of ${topic} has no leader`);
  const broker = await cluster.findBroker({ nodeId });
  let offset = start;
  while (offset < end) {
    signal.throwIfAborted();
    const { responses } = await broker.fetch({
      replicaId: -1,
      isolationLevel: readCommitted,
      // Everything up to `end` has been written: there is nothing to wait for.
      maxWaitTime: 0,
      minBytes: 0,
      maxBytes: fetchBytes,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchBytes }] }],
    });
    const data = responses[0]?.partitions[0];
    if (data === undefined) throw new Error(`Kafka answered nothing for partition ${partition} of ${topic}`);
    const { messages } = new Batch(topic, String(offset), data);
    yield messages.filter((message) => Number(message.offset) < end);
    // Offsets emptied by compaction bring no message: ask for the next offset.
    const last = data.messages.reduce((most, message) => Math.max(most, Number(message.offset)), offset);
    offset = last + 1;
  }
}

/** Counts the committed records of a range. */
export async function countRecords(
  cluster: Cluster,
  topic: string,
  range: PartitionRange,
  signal: AbortSignal,
): Promise<number> {
  let records = 0;
  for await (const batch of readPartition(cluster, topic, range, 8 * 1024 * 1024, signal)) {
    records += batch.length;
  }
  return records;
}

/** The first committed record of a range; undefined when it holds none. */
export async function firstRecord(
  cluster: Cluster,
  topic: string,
  range: PartitionRange,
  signal: AbortSignal,
): Promise<Committed | undefined> {
  for await (const [first] of readPartition(cluster, topic, range, 1, signal)) {
    if (first !== undefined) return { offset: Number(first.offset), timestampMs: Number(first.timestamp) };
  }
  return undefined;
}
