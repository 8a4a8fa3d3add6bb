import type { Kafka } from "kafkajs";

/**
 * What kafkajs 2.2.4 keeps to itself: its connections to a cluster, over which it can carry requests that it has no call
 * for. So addresses, TLS and SASL are set up in one place. The names are private, and the exact version is pinned.
 */

/** What is used of kafkajs' Cluster (src/cluster/index.js). */
export interface Cluster {
  /** Its connected broker is one that was asked for no metadata yet, if need be. */
  readonly brokerPool: { findConnectedBroker(): Promise<Broker> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findBroker(node: { nodeId: string }): Promise<Broker>;
  removeBroker(address: { host: string; port: number }): void;
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findTopicPartitionMetadata(topic: string): { readonly partitionId: number; readonly leader: number }[];
  /** Runs it until it does not throw an error that another try may mend; `bail` ends that at once. */
  retrier<T>(attempt: (bail: (error: unknown) => void) => Promise<T>): Promise<T>;
}

/** What is used of kafkajs' Broker (src/broker/index.js). */
export interface Broker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  /** The newest version of a request that both sides know. */
  lookupRequest(apiKey: number, versions: object): (request: object) => Exchange;
  fetch(request: object): Promise<{ responses: { partitions: PartitionData[] }[] }>;
  initProducerId(request: object): Promise<{ producerId: string; producerEpoch: number }>;
}

interface PartitionData {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly { readonly offset: string }[];
}

/** A request with what reads its answer. */
export interface Exchange {
  readonly request: object;
  readonly response: object;
}

function privateOf(holder: object, description: string): (argument: object) => never {
  for (let at: object | null = holder; at !== null; at = Object.getPrototypeOf(at)) {
    const symbol = Object.getOwnPropertySymbols(at).find((one) => one.description === description);
    if (symbol !== undefined) return (at as Record<symbol, never>)[symbol] as never;
  }
  throw new Error(`kafkajs has no ${description}: it is not the version that this was written for`);
}

/** Transactions that were aborted, or are open, are no records: 1 is read_committed. */
export const readCommitted = 1;

/** A cluster of kafkajs with the settings of `kafka`, not connected yet. */
export function clusterOf(kafka: Kafka): Cluster {
  return privateOf(
    kafka,
    "private:Kafka:createCluster",
  )({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: readCommitted });
}

/** Sends a request and reads its answer. */
export async function exchange<T>(broker: Broker, what: Exchange): Promise<T> {
  return await privateOf(broker, "private:Broker:sendRequest").call(broker, what);
}
