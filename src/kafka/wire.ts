import Batch from "kafkajs/src/consumer/batch.js";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { type Cluster, exchange, readCommitted } from "./cluster.js";

/**
 * Two questions that kafkajs can carry but has no call for: the id of a topic, and how many records a stretch of offsets
 * holds.
 */

const metadataKey = 3;
/** The first version of Metadata that can name topic ids (Kafka 2.8, KIP-516). */
const metadataVersion = 10;
const noId = Buffer.alloc(16);

/**
 * The id that Kafka gave the topic when it was made: another topic of the same name has another one.
 *
 * @returns 32 hexadecimal digits; null when the broker is older than 2.8 and has no such ids, or has no such topic
 */
export async function topicId(cluster: Cluster, topic: string): Promise<string | null> {
  // Loads the cluster's metadata, without which kafkajs knows no broker.
  await cluster.addTargetTopic(topic);
  const broker = await cluster.findControllerBroker();
  if ((broker.versions?.[metadataKey]?.maxVersion ?? 0) < metadataVersion) return null;
  return idIn(
    await exchange<Buffer>(broker, {
      request: {
        apiKey: metadataKey,
        apiVersion: metadataVersion,
        apiName: "Metadata",
        encode: async () => metadataRequest(topic),
      },
      response: { decode: async (payload: Buffer) => payload, parse: async (payload: Buffer) => payload },
    }),
  );
}

/**
 * Metadata request, version 10 (clients/src/main/resources/common/message/MetadataRequest.json of Kafka), behind the
 * empty tagged fields of its header: one topic by name, no creation, no authorised operations.
 */
function metadataRequest(topic: string): Encoder {
  return new Encoder()
    .writeUVarInt(0)
    .writeUVarInt(2)
    .writeBuffer(noId)
    .writeUVarIntString(topic)
    .writeUVarInt(0)
    .writeBoolean(false)
    .writeBoolean(false)
    .writeBoolean(false)
    .writeUVarInt(0);
}

/** Reads a Metadata response of version 10 up to the first topic's id. */
export function idIn(payload: Buffer): string | null {
  const answer = new Decoder(payload);
  // Not kafkajs' own readTaggedFields, which takes one byte too few of each.
  const skipTags = () => {
    for (let tags = answer.readUVarInt(); tags > 0; tags--) {
      answer.readUVarInt();
      answer.readBytes(answer.readUVarInt());
    }
  };
  skipTags(); // of the header
  answer.readInt32(); // throttle time
  // The length of a list is one more than it is; 0 is null.
  for (let brokers = answer.readUVarInt() - 1; brokers > 0; brokers--) {
    answer.readInt32(); // node id
    answer.readUVarIntString(); // host
    answer.readInt32(); // port
    answer.readUVarIntString(); // rack
    skipTags();
  }
  answer.readUVarIntString(); // cluster id
  answer.readInt32(); // controller id
  if (answer.readUVarInt() - 1 < 1) return null;
  answer.readInt16(); // error code
  answer.readUVarIntString(); // name
  const id = answer.readBytes(noId.length);
  return id.length < noId.length || id.equals(noId) ? null : id.toString("hex");
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
