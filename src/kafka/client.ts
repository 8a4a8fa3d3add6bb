import kafkajs from "kafkajs";
import { failed, messageOf, PipectlError, unavailable } from "../core/errors.js";
import { clusterOf } from "./cluster.js";
import { openSender, type Sent } from "./producer.js";
import type { ProducerRecord } from "./record-batch.js";
import { countRecords, topicId } from "./wire.js";

// A CommonJS package: its names are properties of the default export.
const { Kafka, KafkaJSError, logLevel } = kafkajs;

export interface PartitionOffsets {
  readonly partition: number;
  /** The first offset that is still there. */
  readonly first: number;
  /** The offset that the next record will get; where a transaction is open, the one at which it began. */
  readonly end: number;
}

export interface TopicOffsets {
  /** Given by Kafka when the topic was made; null from a broker older than 2.8. */
  readonly id: string | null;
  /** Sorted by partition. */
  readonly partitions: readonly PartitionOffsets[];
}

export interface TopicDescription {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** The topic's configuration as the broker reports it, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Partitions that have no leader at the moment. */
  readonly leaderless: readonly number[];
}

export interface Sender {
  /** Sends one batch and returns when all replicas in sync have it. One call at a time. */
  send(records: readonly ProducerRecord[]): Promise<Sent[]>;
  close(): Promise<void>;
}

export interface KafkaClient {
  /** The cluster's id and number of brokers; throws when Kafka does not answer. */
  cluster(): Promise<{ clusterId: string; brokers: number }>;
  /** Undefined when there is no such topic. */
  describeTopic(topic: string): Promise<TopicDescription | undefined>;
  /** False when the topic was there already. */
  createTopic(
    topic: string,
    options: { partitions: number; settings: Readonly<Record<string, string>> },
  ): Promise<boolean>;
  /**
   * @throws PipectlError (unavailable) `topic_missing` when there is no such topic, `no_leader` when a partition has none
   */
  topicOffsets(topic: string): Promise<TopicOffsets>;
  /** Reads the offsets from `start` up to, not including, `end` and counts those that hold a committed record. */
  countRecords(
    topic: string,
    range: { readonly partition: number; readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): Promise<number>;
  /** The group's committed offsets by partition; null where it has committed none. */
  committedOffsets(group: string, topic: string): Promise<Map<number, number | null>>;
  commitOffsets(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void>;
  /** An idempotent producer with acks=all. */
  sender(topic: string): Promise<Sender>;
  close(): Promise<void>;
}

/** Kafka, over kafkajs. Connects on first use; `close` when done. */
export function kafkaClient(bootstrap: string): KafkaClient {
  const kafka = new Kafka({
    clientId: "pipectl",
    brokers: bootstrap.split(","),
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 6 },
    // What goes wrong comes back as an exception; 'coordinator loading' and the like are retried and nobody's business.
    logLevel: logLevel.NOTHING,
  });
  const admin = onFirstUse(bootstrap, () => kafka.admin());
  const wire = onFirstUse(bootstrap, () => clusterOf(kafka));

  return {
    cluster: async () =>
      await admin.use(async (admin) => {
        const { clusterId, brokers } = await admin.describeCluster();
        return { clusterId, brokers: brokers.length };
      }),

    describeTopic: async (topic) =>
      await admin.use(async (admin) => {
        if (!(await admin.listTopics()).includes(topic)) return undefined;
        const [metadata, configs] = await Promise.all([
          admin.fetchTopicMetadata({ topics: [topic] }),
          // 2 is a topic, in Kafka's own numbering of resources.
          admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topic }] }),
        ]);
        const partitions = metadata.topics[0]?.partitions ?? [];
        const entries = configs.resources[0]?.configEntries ?? [];
        return {
          partitions: partitions.length,
          replicationFactor: partitions[0]?.replicas.length ?? 0,
          settings: Object.fromEntries(entries.map((entry) => [entry.configName, entry.configValue])),
          leaderless: partitions.filter(({ leader }) => leader < 0).map(({ partitionId }) => partitionId),
        };
      }),

    createTopic: async (topic, { partitions, settings }) =>
      await admin.use(
        async (admin) =>
          await admin.createTopics({
            waitForLeaders: true,
            topics: [
              {
                topic,
                numPartitions: partitions,
                configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
              },
            ],
          }),
      ),

    topicOffsets: async (topic) => {
      wire.prepare();
      const partitions = await admin.use(async (admin) => {
        // fetchTopicOffsets retries an unknown topic for seconds; the list answers at once.
        if (!(await admin.listTopics()).includes(topic)) {
          throw unavailable("topic_missing", `there is no topic ${topic} on Kafka at ${bootstrap}`, {
            hint: "pipectl create-topics",
          });
        }
        const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
        const leaderless = metadata.topics[0]?.partitions.filter(({ leader }) => leader < 0) ?? [];
        if (leaderless.length > 0) {
          const numbers = leaderless.map(({ partitionId }) => partitionId).join(", ");
          throw unavailable("no_leader", `topic ${topic} has no leader for partition ${numbers}`, {
            hint: "a broker is down or out of disk: pipectl logs kafka",
          });
        }
        const offsets = await admin.fetchTopicOffsets(topic);
        return offsets
          .map(({ partition, low, high }) => ({ partition, first: Number(low), end: Number(high) }))
          .sort((a, b) => a.partition - b.partition);
      });
      // Asked last: the offsets are never those of an older topic than the one that is named.
      return { id: await wire.use((cluster) => topicId(cluster, topic)), partitions };
    },

    countRecords: async (topic, range, signal) =>
      await wire.use((cluster) => countRecords(cluster, topic, range, signal)),

    committedOffsets: async (group, topic) =>
      await admin.use(async (admin) => {
        const [answer] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
        const entries = answer?.partitions.map(({ partition, offset }) => {
          const n = Number(offset);
          return [partition, n < 0 ? null : n] as const;
        });
        return new Map(entries ?? []);
      }),

    commitOffsets: async (group, topic, offsets) => {
      // Not admin.setOffsets: it waits for a fetch, which on a topic without new records takes five seconds.
      const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 50, allowAutoTopicCreation: false });
      try {
        await consumer.connect();
        await consumer.subscribe({ topic });
        const joined = new Promise<void>((resolve) => {
          consumer.on(consumer.events.GROUP_JOIN, () => resolve());
        });
        await consumer.run({ autoCommit: false, eachBatch: async () => {} });
        await Promise.race([joined, afterSeconds(10, `consumer group ${group} has not let us in`)]);
        await consumer.commitOffsets(
          [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
        );
      } catch (error) {
        throw kafkaError(error, bootstrap);
      } finally {
        await consumer.disconnect().catch(() => {});
      }
    },

    sender: async (topic) => {
      const own = onFirstUse(bootstrap, () => clusterOf(kafka));
      const sender = await own.use((cluster) => openSender(cluster, topic));
      return { send: (records) => own.use(() => sender(records)), close: own.close };
    },

    close: async () => {
      await admin.close();
      await wire.close();
    },
  };
}

/** Something that connects when it is first used, and whose errors are put into our words. */
function onFirstUse<C extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
  bootstrap: string,
  make: () => C,
) {
  let connected: Promise<C> | undefined;
  const connect = async () => {
    const connection = make();
    await connection.connect();
    return connection;
  };
  return {
    /** Connects already, beside what comes before the first use; that one reports what goes wrong. */
    prepare(): void {
      connected ??= connect();
      connected.catch(() => {});
    },
    async use<T>(action: (connection: C) => Promise<T>): Promise<T> {
      try {
        connected ??= connect();
        return await action(await connected);
      } catch (error) {
        throw kafkaError(error, bootstrap);
      }
    },
    async close(): Promise<void> {
      const connection = await connected?.catch(() => undefined);
      await connection?.disconnect();
    },
  };
}

/** Rejects when the time is up; the group may be one that another program keeps rebalancing. */
async function afterSeconds(seconds: number, message: string): Promise<never> {
  return await new Promise((_, reject) => {
    setTimeout(() => reject(unavailable("kafka_timeout", message)), seconds * 1000).unref();
  });
}

function kafkaError(error: unknown, bootstrap: string): unknown {
  if (error instanceof PipectlError) return error;
  if (!(error instanceof KafkaJSError)) return error;
  const reason = messageOf(rootOf(error));
  const unreachable = [
    "KafkaJSConnectionError",
    "KafkaJSConnectionClosedError",
    "KafkaJSRequestTimeoutError",
    "KafkaJSBrokerNotFound",
  ];
  const names = [error.name, (rootOf(error) as Error).name];
  if (names.some((name) => unreachable.includes(name))) {
    return unavailable("kafka_unreachable", `Kafka does not answer on ${bootstrap}: ${reason}`, {
      hint: "pipectl status shows what runs, pipectl up starts what does not",
      cause: error,
    });
  }
  return failed("kafka_failed", `Kafka at ${bootstrap} refused: ${reason}`, {
    hint: "pipectl logs kafka",
    cause: error,
  });
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  return root;
}
