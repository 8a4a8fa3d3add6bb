import { randomInt } from "node:crypto";
import kafkajs from "kafkajs";
import Encoder from "kafkajs/src/protocol/encoder.js";
import Produce from "kafkajs/src/protocol/requests/produce/index.js";
import { type Broker, type Cluster, exchange } from "./cluster.js";
import { murmur2 } from "./murmur2.js";
import { type ProducerRecord, recordBatch } from "./record-batch.js";

const { KafkaJSError } = kafkajs;

/** The records that one partition received: the first offset, and how many. */
export interface Sent {
  readonly partition: number;
  readonly first: number;
  readonly count: number;
}

/** A batch in flight. When sending fails, the same bytes are sent again. */
interface Pending {
  readonly partition: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** Sequence numbers wrap from 2^31 - 1 to 0. */
const sequences = 2 ** 31;
const produceKey = 0;
/** How long the broker may wait for its replicas. */
const timeoutMs = 30_000;

/**
 * An idempotent producer with acks=all over a kafkajs cluster, for one topic. Each batch of a partition has a sequence number. When
 * a response is missing the same batch is sent again, and the broker takes it only once (KIP-98).
 *
 * @returns a function that sends one batch of records and returns when all in-sync replicas have them. A record goes to the
 *   partition of its key (murmur2, as Kafka's own producer does), or round robin without a key. One call at a time.
 */
export async function openSender(
  cluster: Cluster,
  topic: string,
): Promise<(records: readonly ProducerRecord[]) => Promise<Sent[]>> {
  await cluster.addTargetTopic(topic);
  const partitions = cluster.findTopicPartitionMetadata(topic).length;
  const { producerId, producerEpoch } = await retried(
    cluster,
    async () =>
      await (await cluster.brokerPool.findConnectedBroker()).initProducerId({ transactionTimeout: 60_000 }),
  );
  const next = new Array<number>(partitions).fill(0);
  let turn = randomInt(partitions);
  const partitionOf = (key: Buffer | null) => (key === null ? turn++ : murmur2(key)) % partitions;

  return async (records) => {
    const groups = Array.from({ length: partitions }, (): ProducerRecord[] => []);
    for (const record of records) groups[partitionOf(record.key)]?.push(record);
    const now = Date.now();
    const batches = groups.flatMap((group, partition): Pending[] => {
      if (group.length === 0) return [];
      const sequence = next[partition] as number;
      next[partition] = (sequence + group.length) % sequences;
      const origin = { producerId: BigInt(producerId), producerEpoch, sequence };
      return [{ partition, count: group.length, bytes: recordBatch(group, origin, now) }];
    });
    return await retried(cluster, () => sendAll(cluster, topic, batches));
  };
}

async function sendAll(cluster: Cluster, topic: string, batches: readonly Pending[]): Promise<Sent[]> {
  const leaders = cluster.findLeaderForPartitions(
    topic,
    batches.map(({ partition }) => partition),
  );
  const answers = await Promise.all(
    Object.entries(leaders).map(async ([nodeId, partitions]) => {
      const own = batches.filter(({ partition }) => partitions.includes(partition));
      return await produce(await cluster.findBroker({ nodeId }), topic, own);
    }),
  );
  return answers.flat();
}

/** Responses to a Produce request, as kafkajs decodes them. */
interface Produced {
  readonly topics: readonly {
    readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[];
  }[];
}

async function produce(broker: Broker, topic: string, batches: readonly Pending[]): Promise<Sent[]> {
  const { request, response } = broker.lookupRequest(produceKey, Produce)({ acks: -1, topicData: [] });
  const encode = async () => produceRequest(topic, batches);
  const { topics } = await exchange<Produced>(broker, { request: { ...request, encode }, response });
  const counts = new Map(batches.map(({ partition, count }) => [partition, count]));
  return (topics[0]?.partitions ?? []).map(({ partition, baseOffset }) => ({
    partition,
    first: Number(baseOffset),
    count: counts.get(partition) ?? 0,
  }));
}

/** Produce request, versions 3 to 8 (clients/src/main/resources/common/message/ProduceRequest.json of Kafka). */
function produceRequest(topic: string, batches: readonly Pending[]): Encoder {
  const request = new Encoder(batches.reduce((sum, { bytes }) => sum + bytes.length + 8, 64 + topic.length))
    .writeString(null) // no transaction
    .writeInt16(-1)
    .writeInt32(timeoutMs)
    .writeInt32(1)
    .writeString(topic)
    .writeInt32(batches.length);
  for (const { partition, bytes } of batches) {
    request.writeInt32(partition).writeInt32(bytes.length).writeBuffer(bytes);
  }
  return request;
}

/** Retries what a retry can cure: a leader that has moved, a lost connection. */
async function retried<T>(cluster: Cluster, attempt: () => Promise<T>): Promise<T> {
  return await cluster.retrier(async (bail) => {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof KafkaJSError) || !error.retriable) return bail(error) as never;
      const { host, port } = error as { host?: string; port?: number };
      if (error.name === "KafkaJSConnectionClosedError" && host !== undefined && port !== undefined) {
        cluster.removeBroker({ host, port });
      }
      if (!cluster.isConnected()) await cluster.connect();
      await cluster.refreshMetadata();
      throw error;
    }
  });
}
