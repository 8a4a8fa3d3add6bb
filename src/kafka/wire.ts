import type { Kafka } from "kafkajs";
import Batch from "kafkajs/src/consumer/batch.js";

/**
 * Questions that kafkajs 2.2.4 can carry but has no call for: here how many records a stretch of offsets holds, in
 * metadata.ts what there is. They go over kafkajs' own cluster, so that addresses, TLS and SASL are set up in one place;
 * its names are private, and the exact version is pinned.
 */

/** What is used of kafkajs' Cluster (src/cluster/index.js) and Broker (src/broker/index.js). */
export interface Cluster {
  /** Its connected broker is one that was asked for no metadata yet, if need be. */
  readonly brokerPool: { findConnectedBroker(): Promise<Broker> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findBroker(node: { nodeId: string }): Promise<Broker>;
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
}
export interface Broker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  fetch(request: object): Promise<{ responses: { partitions: PartitionData[] }[] }>;
}
interface PartitionData {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly { readonly offset: string }[];
}

export const privateOf = (holder: object, description: string): ((argument: object) => never) => {
  for (let at: object | null = holder; at !== null; at = Object.getPrototypeOf(at)) {
    const symbol = Object.getOwnPropertySymbols(at).find((one) => one.description === description);
    if (symbol !== undefined) return (at as Record<symbol, never>)[symbol] as never;
  }
  throw new Error(`kafkajs has no ${description}: it is not the version that this was written for`);
};

/** Transactions that were aborted, or are open, are no records: 1 is read_committed. */
const readCommitted = 1;

/** A cluster of kafkajs with the settings of `kafka`, not connected yet. */
export function clusterOf(kafka: Kafka): Cluster {
  return privateOf(
    kafka,
    "private:Kafka:createCluster",
  )({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: readCommitted });
}

const fetchBytes = 8 * 1024 * 1024;

/**
 * Reads one partition and counts its records from `start` up to, not including, `end`. Markers of transactions, records
 * of aborted ones and what compaction has removed are not counted.
 *
 * @param signal ends it between two fetches
 */
export async function countRecords(
  cluster: Cluster,
  topic: string,
  { partition, start, end }: { readonly partition: number; readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<number> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new Error(`partition ${partition} of ${topic} has no leader`);
  const broker = await cluster.findBroker({ nodeId });
  let records = 0;
  let offset = start;
  while (offset < end) {
    signal.throwIfAborted();
    const { responses } = await broker.fetch({
      replicaId: -1,
      isolationLevel: readCommitted,
      // Everything up to `end` is there already: nothing to wait for.
      maxWaitTime: 0,
      minBytes: 0,
      maxBytes: fetchBytes,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchBytes }] }],
    });
    const data = responses[0]?.partitions[0];
    if (data === undefined) throw new Error(`Kafka answered nothing for partition ${partition} of ${topic}`);
    const { messages } = new Batch(topic, String(offset), data);
    records += messages.filter((message) => Number(message.offset) < end).length;
    // What compaction emptied comes as no message at all: the next offset is asked for.
    const last = data.messages.reduce((most, message) => Math.max(most, Number(message.offset)), offset);
    offset = last + 1;
  }
  return records;
}
