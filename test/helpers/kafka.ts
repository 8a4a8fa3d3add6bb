import kafkajs from "kafkajs";
import { inject, vi } from "vitest";

/** The broker of the tests' stack, unless told. */
const client = (broker = `127.0.0.1:${inject("stack").KAFKA_PORT}`) =>
  new kafkajs.Kafka({
    clientId: "test",
    brokers: [broker],
    logLevel: kafkajs.logLevel.NOTHING,
  });

export interface Consumed {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/**
 * Everything in a topic, read by a plain consumer from the first offset to the end as it is now.
 *
 * @param onlyOffsets keeps neither keys nor values, of which millions would not fit
 */
export async function consumeAll(topic: string, onlyOffsets = false, broker?: string): Promise<Consumed[]> {
  const kafka = client(broker);
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]),
  );
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `test-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 100 });
  const records: Consumed[] = [];
  const left = new Set([...ends].filter(([, end]) => end > 0).map(([partition]) => partition));
  if (left.size === 0) return records;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const { offset, key, value } of batch.messages) {
            const bytes = onlyOffsets ? { key: null, value: null } : { key, value };
            records.push({ partition: batch.partition, offset: Number(offset), ...bytes });
          }
          if (Number(batch.lastOffset()) + 1 >= (ends.get(batch.partition) ?? 0))
            left.delete(batch.partition);
          if (left.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return records;
}

/** Deletes the topic, if it is there; returns when Kafka no longer lists it. */
export async function deleteTopic(topic: string): Promise<void> {
  const admin = client().admin();
  await admin.connect();
  if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
  await vi.waitUntil(async () => !(await admin.listTopics()).includes(topic), { timeout: 20_000 });
  await admin.disconnect();
}

/** Sends records as they are, by a plain producer; one with a timestamp, in milliseconds, has that, and the others the producer's time. */
export async function produce(
  topic: string,
  records: readonly { key?: Buffer | null; value: Buffer | null; timestamp?: number }[],
): Promise<void> {
  const producer = client().producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const { key = null, value, timestamp } of records) {
    const more = timestamp === undefined ? {} : { timestamp: String(timestamp) };
    await producer.send({ topic, messages: [{ key, value, ...more }] });
  }
  await producer.disconnect();
}

/** A topic of somebody else. */
export async function createTopic(topic: string, numPartitions: number): Promise<void> {
  const admin = client().admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions }] });
  await admin.disconnect();
}

/** Gives a topic more partitions, `count` in all. */
export async function addPartitions(topic: string, count: number): Promise<void> {
  const admin = client().admin();
  await admin.connect();
  await admin.createPartitions({ topicPartitions: [{ topic, count }] });
  await admin.disconnect();
}

/**
 * Sends three transactions of 60 records, over three partitions; the second one is aborted. In each partition that makes 40
 * records, 20 aborted ones and three markers.
 */
export async function threeTransactions(topic: string) {
  const options = { transactionalId: "test", idempotent: true, maxInFlightRequests: 1 };
  const producer = client().producer(options);
  await producer.connect();
  const messages = Array.from({ length: 60 }, (_, i) => ({ value: '{"VendorID":1}', partition: i % 3 }));
  for (const commits of [true, false, true]) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages });
    await (commits ? transaction.commit() : transaction.abort());
  }
  return { producer, messages };
}
