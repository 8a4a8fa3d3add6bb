import type { Kafka } from "kafkajs";

/**
 * The connections of kafkajs 2.2.4, which it does not export. Over them go requests that kafkajs has no call for, so addresses,
 * TLS and SASL are configured in one place. These are private names: the exact version is pinned, and a canary test guards them.
 */

/** The parts of kafkajs' Cluster that are used (src/cluster/index.js). */
export interface Cluster {
  /** Connects to a broker; it need not have been asked for metadata before. */
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
  /** Runs the action, and again while it throws a retriable error; `bail` ends that at once. */
  retrier<T>(attempt: (bail: (error: unknown) => void) => Promise<T>): Promise<T>;
}

/** The parts of kafkajs' Broker that are used (src/broker/index.js). */
export interface Broker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  /** The newest version of a request that both sides support. */
  lookupRequest(apiKey: number, versions: object): (request: object) => Exchange;
  initProducerId(request: object): Promise<{ producerId: string; producerEpoch: number }>;
}

/** A request, and the decoder of its response. */
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

/** Records of aborted and open transactions do not count: 1 is read_committed. */
export const readCommitted = 1;
/** read_uncommitted. */
export const uncommittedToo = 0;

/** A kafkajs cluster with the settings of `kafka`, not connected yet. */
export function clusterOf(kafka: Kafka): Cluster {
  return privateOf(
    kafka,
    "private:Kafka:createCluster",
  )({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: readCommitted });
}

/** Sends a request and decodes the response. */
export async function exchange<T>(broker: Broker, what: Exchange): Promise<T> {
  return await privateOf(broker, "private:Broker:sendRequest").call(broker, what);
}
