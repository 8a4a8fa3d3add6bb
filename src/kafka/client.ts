import type { ConnectionOptions } from "node:tls";
import kafkajs, { type SASLOptions } from "kafkajs";
import { askAgain, type Patience } from "../core/ask-again.js";
import { failed, messageOf, outOfFiles, PipectlError, unavailable, usage } from "../core/errors.js";
import { tlsTrouble, trusted } from "../core/http-access.js";
import { clusterOf } from "./cluster.js";
import { commitOffsets, committedOffsets } from "./groups.js";
import { metadataOf, type TopicState } from "./metadata.js";
import type { PartitionOffsets, TopicOffsets } from "./offsets.js";
import { type OpenTransaction, openTransactions } from "./open-transactions.js";
import { openSender, type Sent } from "./producer.js";
import {
  type Committed,
  countRecords,
  type Fingerprint,
  firstRecord,
  lastRecord,
  type PartitionRange,
} from "./read-partition.js";
import type { ProducerRecord } from "./record-batch.js";
import { sampleTopic } from "./sample.js";
import { hasTransactions } from "./transactions.js";

// kafkajs is a CommonJS package: its names are properties of the default export.
const { Kafka, KafkaJSError, logLevel } = kafkajs;

export interface TopicDescription {
  readonly partitions: number;
  /** The topic's configuration as the broker reports it, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Sender {
  /** Sends one batch and returns when all replicas in sync have it. One call at a time. */
  send(records: readonly ProducerRecord[]): Promise<Sent[]>;
  close(): Promise<void>;
}

export interface KafkaClient {
  /** The cluster's id and number of brokers; throws when Kafka does not answer. */
  cluster(): Promise<{ clusterId: string; brokers: number }>;
  /** Undefined when there is no such topic. @throws PipectlError (unavailable) `no_leader` when a partition has none */
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
  countRecords(topic: string, range: PartitionRange, signal: AbortSignal): Promise<number>;
  /** The first committed record from `start` on and before `end`; undefined when there is none. */
  firstRecord(topic: string, range: PartitionRange, signal: AbortSignal): Promise<Committed | undefined>;
  /** The committed record at an offset; undefined when the offset holds none. */
  recordAt(
    topic: string,
    at: { readonly partition: number; readonly offset: number },
    signal: AbortSignal,
  ): Promise<Fingerprint | undefined>;
  /** The last committed record of a range; undefined when there is none among its last thousand offsets. */
  lastRecord(topic: string, range: PartitionRange, signal: AbortSignal): Promise<Fingerprint | undefined>;
  /** The transactions that hold the topic's partitions back; see there. */
  openTransactions(topic: string, partitions: readonly PartitionOffsets[]): Promise<OpenTransaction[]>;
  /**
   * True when offsets of the topic may hold no record, because it is compacted or has transactions, as far as brokers remember
   * and tell.
   */
  mayHaveGaps(topic: string): Promise<boolean>;
  /**
   * Gives the values of up to `count` records to `onValue`, from the first offsets of all partitions; joins no group.
   *
   * @returns whether the topic has more
   * @throws PipectlError (unavailable) `topic_silent` when for ten seconds no record comes
   */
  sample(
    topic: string,
    count: number,
    signal: AbortSignal,
    onValue: (value: Buffer | null) => void,
  ): Promise<{ isSample: boolean }>;
  /** The group's committed offsets by partition; null where it has committed none. */
  committedOffsets(group: string, topic: string): Promise<Map<number, number | null>>;
  commitOffsets(group: string, topic: string, offsets: ReadonlyMap<number, number>): Promise<void>;
  /** An idempotent producer with acks=all. @throws PipectlError (unavailable) `topic_missing`, `no_leader` */
  sender(topic: string): Promise<Sender>;
  close(): Promise<void>;
}

/** What brokers that somebody else operates require of their clients. */
export interface KafkaAccess {
  readonly tls?: {
    /** PEM of a certificate authority to trust besides the public ones. */
    readonly ca?: string;
    /** PEM of the client certificate, and its private key. */
    readonly cert?: string;
    readonly key?: string;
  };
  readonly sasl?: {
    readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
    readonly username: string;
    readonly password: string;
  };
}

/**
 * Kafka, over kafkajs. Connects on first use; call `close` when done.
 *
 * @param access credentials and TLS; undefined for brokers that pipectl starts, which require none
 * @param retries how often a retriable error is tried again; commands that only ask whether Kafka answers do not wait long
 * @param patience how long what only looks is asked again, beyond these retries; once, unless told
 */
export function kafkaClient(
  bootstrap: string,
  access?: KafkaAccess,
  retries = 6,
  patience?: Patience,
): KafkaClient {
  const kafka = new Kafka({
    clientId: "pipectl",
    brokers: bootstrap.split(","),
    ...(access?.tls === undefined ? {} : { ssl: tlsOptions(access.tls) }),
    ...(access?.sasl === undefined ? {} : { sasl: saslOptions(access.sasl) }),
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries },
    // Errors come back as exceptions. 'Coordinator loading' and the like are retried, and users need not see them.
    logLevel: logLevel.NOTHING,
  });
  const place = { bootstrap, remote: access !== undefined };
  const admin = onFirstUse(place, () => kafka.admin());
  const wire = onFirstUse(place, () => clusterOf(kafka));

  const look = async <T>(ask: () => Promise<T>, signal?: AbortSignal) =>
    await askAgain("Kafka", ask, { patience, signal });

  const stateOf = async (topic: string) => (await wire.use((cluster) => metadataOf(cluster, topic))).topic;
  /** Asked before kafkajs, which retries for many seconds when there is no topic or no leader. */
  async function requireTopic(topic: string): Promise<TopicState> {
    const state = await stateOf(topic);
    if (state !== undefined) return requireLeaders(topic, state);
    throw unavailable("topic_missing", `there is no topic ${topic} on Kafka at ${bootstrap}`, {
      hint: "pipectl create-topics",
    });
  }

  const topicOffsets = async (topic: string): Promise<TopicOffsets> => {
    admin.prepare();
    await requireTopic(topic);
    const offsets = await admin.use((admin) => admin.fetchTopicOffsets(topic));
    const partitions = offsets
      .map(({ partition, low, high }) => ({ partition, first: Number(low), end: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
    // Asked again after the offsets: they must not be those of an older topic than the id names.
    return { id: (await requireTopic(topic)).id, partitions };
  };

  const describeTopic = async (topic: string): Promise<TopicDescription | undefined> => {
    const state = await look(() => stateOf(topic));
    if (state === undefined) return undefined;
    requireLeaders(topic, state);
    // 2 is a topic, in Kafka's own numbering of resources.
    const request = { includeSynonyms: false, resources: [{ type: 2, name: topic }] };
    const { resources } = await look(() => admin.use((admin) => admin.describeConfigs(request)));
    const entries = resources[0]?.configEntries ?? [];
    return {
      partitions: state.partitions.length,
      settings: Object.fromEntries(entries.map((entry) => [entry.configName, entry.configValue])),
    };
  };

  return {
    cluster: async () => await look(() => wire.use((cluster) => metadataOf(cluster))),

    describeTopic,

    mayHaveGaps: async (topic) => {
      // Who may not see the topic's settings can still read its records.
      const found = await describeTopic(topic).catch((error) => {
        if (!(error instanceof PipectlError) || error.code !== "kafka_failed") throw error;
        return undefined;
      });
      if (found?.settings["cleanup.policy"]?.includes("compact")) return true;
      const state = await look(() => stateOf(topic));
      const partitions = (state?.partitions ?? []).map(({ partition }) => partition);
      return await look(() => wire.use((cluster) => hasTransactions(cluster, topic, partitions)));
    },

    createTopic: async (topic, { partitions, settings }) => {
      if ((await stateOf(topic)) !== undefined) return false;
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
      const topics = [{ topic, numPartitions: partitions, configEntries }];
      // False when somebody else created it first.
      return await admin.use((admin) => admin.createTopics({ waitForLeaders: true, topics }));
    },

    topicOffsets: async (topic) => await look(() => topicOffsets(topic)),

    countRecords: async (topic, range, signal) =>
      await look(() => wire.use((cluster) => countRecords(cluster, topic, range, signal)), signal),

    firstRecord: async (topic, range, signal) =>
      await look(() => wire.use((cluster) => firstRecord(cluster, topic, range, signal)), signal),

    recordAt: async (topic, { partition, offset }, signal) =>
      await look(
        () =>
          wire.use((cluster) =>
            firstRecord(cluster, topic, { partition, start: offset, end: offset + 1 }, signal),
          ),
        signal,
      ),

    lastRecord: async (topic, range, signal) =>
      await look(() => wire.use((cluster) => lastRecord(cluster, topic, range, signal)), signal),

    openTransactions: async (topic, partitions) =>
      await look(() => wire.use((cluster) => openTransactions(cluster, topic, partitions))),

    sample: async (topic, count, signal, onValue) => {
      const { partitions } = await look(() => topicOffsets(topic), signal);
      return await wire.use((cluster) => sampleTopic(cluster, topic, partitions, { count, signal, onValue }));
    },

    committedOffsets: async (group, topic) =>
      await look(() => admin.use((admin) => committedOffsets(admin, group, topic))),

    commitOffsets: async (group, topic, offsets) => {
      // On a new broker the coordinator takes longer to be ready than a consumer tries to join.
      await admin.use((admin) => committedOffsets(admin, group, topic));
      try {
        await commitOffsets(kafka, group, topic, offsets);
      } catch (error) {
        throw kafkaError(error, place);
      }
    },

    sender: async (topic) => {
      await requireTopic(topic);
      const own = onFirstUse(place, () => clusterOf(kafka));
      const sender = await own.use((cluster) => openSender(cluster, topic));
      return { send: (records) => own.use(() => sender(records)), close: own.close };
    },

    close: async () => {
      await admin.close();
      await wire.close();
    },
  };
}

/** A client that connects on first use, and whose errors are translated into ours. */
function onFirstUse<C extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
  place: Place,
  make: () => C,
) {
  let connected: Promise<C> | undefined;
  const connect = async () => {
    const connection = make();
    try {
      await connection.connect();
      return connection;
    } catch (error) {
      // The next use tries again: Kafka may be back.
      connected = undefined;
      throw error;
    }
  };
  return {
    /** Begins to connect, in parallel with other work. The first use reports what goes wrong. */
    prepare(): void {
      connected ??= connect();
      connected.catch(() => {});
    },
    async use<T>(action: (connection: C) => Promise<T>): Promise<T> {
      try {
        connected ??= connect();
        return await action(await connected);
      } catch (error) {
        throw kafkaError(error, place);
      }
    },
    async close(): Promise<void> {
      const connection = await connected?.catch(() => undefined);
      await connection?.disconnect();
    },
  };
}

function requireLeaders(topic: string, state: TopicState): TopicState {
  const without = state.partitions.filter(({ leader }) => leader < 0).map(({ partition }) => partition);
  if (without.length === 0) return state;
  throw unavailable("no_leader", `topic ${topic} has no leader for partition ${without.join(", ")}`, {
    hint: leaderHint,
  });
}
const leaderHint = "a broker is down or out of disk: pipectl logs kafka";

/** Kafka's address, and whether somebody else operates it: then the hint is a setting to check, not `pipectl up`. */
interface Place {
  readonly bootstrap: string;
  readonly remote: boolean;
}

function kafkaError(error: unknown, { bootstrap, remote }: Place): unknown {
  if (error instanceof PipectlError) return error;
  if (!(error instanceof KafkaJSError)) return error;
  const own = outOfFiles(rootOf(error));
  if (own !== undefined) return own;
  const reason = messageOf(rootOf(error));
  const names = [error.name, (rootOf(error) as Error).name];
  if (names.includes("KafkaJSSASLAuthenticationError")) {
    return usage("unauthorized", `Kafka at ${bootstrap} does not accept our credentials: ${reason}`, {
      hint: "check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM",
      cause: error,
    });
  }
  if (remote && isTls(error, reason)) {
    return usage("tls_failed", `Kafka at ${bootstrap}: ${reason}`, {
      hint: "check KAFKA_CA_FILE and KAFKA_SECURITY_PROTOCOL (and KAFKA_CERT_FILE, where the brokers want a certificate)",
      cause: error,
    });
  }
  const unreachable = [
    "KafkaJSConnectionError",
    "KafkaJSConnectionClosedError",
    "KafkaJSRequestTimeoutError",
    "KafkaJSBrokerNotFound",
  ];
  if (names.some((name) => unreachable.includes(name))) {
    return unavailable("kafka_unreachable", `Kafka does not answer on ${bootstrap}: ${reason}`, {
      hint: remote
        ? "check KAFKA_BOOTSTRAP_SERVERS and KAFKA_SECURITY_PROTOCOL, and the way there; then: pipectl doctor"
        : "pipectl status shows what runs, pipectl up starts what does not",
      cause: error,
      mayPass: wasSlow(rootOf(error) as Error),
    });
  }
  // The leader was lost after we had asked.
  if ((rootOf(error) as { type?: string }).type === "LEADER_NOT_AVAILABLE") {
    return unavailable("no_leader", `Kafka at ${bootstrap}: ${reason}`, { hint: leaderHint, cause: error });
  }
  return failed("kafka_failed", `Kafka at ${bootstrap} refused: ${reason}`, {
    hint: remote ? "check the rights (ACLs) of the user that KAFKA_USERNAME names" : "pipectl logs kafka",
    cause: error,
  });
}

/** Too slow, or cut off: where nobody listens, the connection is refused. */
const wasSlow = ({ name, message }: Error): boolean =>
  ["KafkaJSRequestTimeoutError", "KafkaJSConnectionClosedError"].includes(name) ||
  /Connection timeout|ECONNRESET|ETIMEDOUT/.test(message);

/** kafkajs drops the code of a TLS error and keeps only its message. */
const isTls = (error: unknown, reason: string) =>
  tlsTrouble(error) !== undefined ||
  /unable to verify|self.signed certificate|certificate (has|is|verify|signature)|SSL routines|wrong version number|TLS connection was established/i.test(
    reason,
  );

function tlsOptions({ ca, cert, key }: NonNullable<KafkaAccess["tls"]>): ConnectionOptions {
  const authorities = trusted(ca);
  return {
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

/** kafkajs' names of the mechanisms. */
function saslOptions({ mechanism, username, password }: NonNullable<KafkaAccess["sasl"]>): SASLOptions {
  const names = {
    PLAIN: "plain",
    "SCRAM-SHA-256": "scram-sha-256",
    "SCRAM-SHA-512": "scram-sha-512",
  } as const;
  return { mechanism: names[mechanism], username, password } as SASLOptions;
}

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof Error && root.cause !== undefined) root = root.cause;
  return root;
}
