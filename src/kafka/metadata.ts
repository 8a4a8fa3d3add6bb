import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { createErrorFromCode } from "kafkajs/src/protocol/error.js";
import { unavailable } from "../core/errors.js";
import { type Cluster, exchange } from "./cluster.js";
import { flexible, undecoded } from "./flexible.js";

/**
 * Kafka's Metadata request. It is decoded here because kafkajs 2.2.4 discards the whole response when a single partition has no
 * leader, and does not support topic ids.
 */

export interface PartitionState {
  readonly partition: number;
  /** Node id of its leader, -1 when it has none. */
  readonly leader: number;
}

export interface TopicState {
  /** 32 hexadecimal digits, assigned when the topic was created; null from a broker older than 2.8, which has no topic ids. */
  readonly id: string | null;
  /** Sorted by partition. */
  readonly partitions: readonly PartitionState[];
}

export interface Metadata {
  readonly clusterId: string;
  /** Live brokers. */
  readonly brokers: number;
  /** Undefined when no topic was asked for, or none of that name exists. */
  readonly topic: TopicState | undefined;
}

const apiKey = 3;
/** Version 9 (Kafka 2.4) is the first with this encoding, version 10 (Kafka 2.8, KIP-516) the first with topic ids. */
const versions = { oldest: 9, withIds: 10 };
const noId = Buffer.alloc(16);
/** UNKNOWN_TOPIC_OR_PARTITION, one of Kafka's error codes. */
const unknownTopic = 3;

/** Asks for the cluster's metadata and, if one is named, a topic's. */
export async function metadataOf(cluster: Cluster, topic?: string): Promise<Metadata> {
  const broker = await cluster.brokerPool.findConnectedBroker();
  const apiVersion = Math.min(broker.versions?.[apiKey]?.maxVersion ?? 0, versions.withIds);
  if (apiVersion < versions.oldest) {
    throw unavailable("kafka_version", "the Kafka broker is older than 2.4", { hint: "use a newer one" });
  }
  const withIds = apiVersion >= versions.withIds;
  const payload = await exchange<Buffer>(broker, {
    request: {
      apiKey,
      apiVersion,
      apiName: "Metadata",
      encode: async () => request(topic, withIds),
    },
    response: undecoded,
  });
  return readMetadata(payload, withIds);
}

/**
 * clients/src/main/resources/common/message/MetadataRequest.json of Kafka, after the empty tagged fields of the header: at most one
 * topic, by name; no auto-creation, no authorised operations. Lengths of compact lists are encoded plus one.
 */
function request(topic: string | undefined, withIds: boolean): Encoder {
  const encoder = new Encoder().writeUVarInt(0).writeUVarInt(topic === undefined ? 1 : 2);
  if (topic !== undefined) {
    if (withIds) encoder.writeBuffer(noId);
    encoder.writeUVarIntString(topic).writeUVarInt(0);
  }
  return encoder.writeBoolean(false).writeBoolean(false).writeBoolean(false).writeUVarInt(0);
}

/** Reads MetadataResponse.json, version 9 or 10, up to the first topic's partitions. */
export function readMetadata(payload: Buffer, withIds = true): Metadata {
  const answer = new Decoder(payload);
  const { skipTags, list } = flexible(answer);
  const nodes = () => list(() => answer.readInt32());

  skipTags(); // of the header
  answer.readInt32(); // throttle time
  const brokers = list(() => {
    answer.readInt32(); // node id
    answer.readUVarIntString(); // host
    answer.readInt32(); // port
    answer.readUVarIntString(); // rack
    skipTags();
  }).length;
  const clusterId = answer.readUVarIntString() ?? "";
  answer.readInt32(); // controller id
  const [topic] = list((): TopicState | undefined => {
    const error = answer.readInt16();
    answer.readUVarIntString(); // name
    const id = withIds ? answer.readBytes(noId.length) : noId;
    if (error === unknownTopic) return undefined;
    if (error !== 0) throw createErrorFromCode(error);
    answer.readBoolean(); // is internal
    const partitions = list(() => {
      answer.readInt16(); // error code: the leader says it, too
      const [partition, leader] = [answer.readInt32(), answer.readInt32()];
      answer.readInt32(); // leader's epoch
      for (const _ of ["replicas", "in sync", "offline"]) nodes();
      skipTags();
      return { partition, leader };
    });
    partitions.sort((a, b) => a.partition - b.partition);
    return { id: id.equals(noId) ? null : id.toString("hex"), partitions };
  });
  return { clusterId, brokers, topic };
}
