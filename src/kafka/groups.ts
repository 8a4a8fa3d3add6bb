import type { Admin, Kafka } from "kafkajs";
import { messageOf, unavailable } from "../core/errors.js";
import { poll } from "../core/poll.js";

/** Errors that a broker returns for a moment after its start, and while the group's topic is being created. */
const soon = new Set([
  "GROUP_LOAD_IN_PROGRESS",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
]);

/** The group's committed offsets by partition; null where it has committed none. */
export async function committedOffsets(
  admin: Admin,
  group: string,
  topic: string,
): Promise<Map<number, number | null>> {
  const [answer] = await poll(
    async (why) => {
      try {
        return await admin.fetchOffsets({ groupId: group, topics: [topic] });
      } catch (error) {
        if (!soon.has((error as { type?: string }).type ?? "")) throw error;
        why(messageOf(error));
        return undefined;
      }
    },
    {
      what: `consumer group ${group}`,
      timeoutMs: 30_000,
      signal: new AbortController().signal,
      hint: "pipectl logs kafka",
    },
  );
  const entries = answer?.partitions.map(({ partition, offset }) => {
    const n = Number(offset);
    return [partition, n < 0 ? null : n] as const;
  });
  return new Map(entries ?? []);
}

export async function commitOffsets(
  kafka: Kafka,
  group: string,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<void> {
  // Not admin.setOffsets: it waits for a fetch, which takes five seconds on a topic without new records.
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 50, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic });
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    joined.catch(() => {});
    await consumer.run({ autoCommit: false, eachBatch: async () => {} });
    await Promise.race([joined, afterSeconds(10, `consumer group ${group} has not let us in`)]);
    await consumer.commitOffsets(
      [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
    );
  } finally {
    await consumer.disconnect().catch(() => {});
  }
}

/** Rejects when the time is up: another program may keep the group rebalancing. */
async function afterSeconds(seconds: number, message: string): Promise<never> {
  return await new Promise((_, reject) => {
    setTimeout(() => reject(unavailable("kafka_timeout", message)), seconds * 1000).unref();
  });
}
