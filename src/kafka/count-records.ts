import Batch from "kafkajs/src/consumer/batch.js";
import { type Cluster, readCommitted } from "./cluster.js";

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
