import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { type Cluster, exchange } from "./cluster.js";
import { flexible, undecoded } from "./flexible.js";

/** Kafka's DescribeProducers request (KIP-664, Kafka 2.8), which kafkajs does not have. */
const apiKey = 61;
const apiVersion = 0;

/**
 * True when a producer has written transactions to one of the partitions, within the day or so that brokers remember their
 * producers; false, too, where a broker does not answer that.
 */
export async function hasTransactions(
  cluster: Cluster,
  topic: string,
  partitions: readonly number[],
): Promise<boolean> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  const leaders = Object.entries(cluster.findLeaderForPartitions(topic, partitions));
  const looks = leaders.map(async ([nodeId, own]) => {
    const broker = await cluster.findBroker({ nodeId });
    if (broker.versions?.[apiKey] === undefined) return false;
    const encode = async () => request(topic, own);
    const what = {
      request: { apiKey, apiVersion, apiName: "DescribeProducers", encode },
      response: undecoded,
    };
    return transactionsIn(await exchange<Buffer>(broker, what));
  });
  return (await Promise.all(looks)).includes(true);
}

/** DescribeProducersRequest.json, after the empty tagged fields of the header. Lengths of compact lists are encoded plus one. */
function request(topic: string, partitions: readonly number[]): Encoder {
  const encoder = new Encoder().writeUVarInt(0).writeUVarInt(2).writeUVarIntString(topic);
  encoder.writeUVarInt(partitions.length + 1);
  for (const partition of partitions) encoder.writeInt32(partition);
  return encoder.writeUVarInt(0).writeUVarInt(0);
}

/** Reads DescribeProducersResponse.json: whether a producer has a transaction, or a coordinator that has ended one. */
export function transactionsIn(payload: Buffer): boolean {
  const answer = new Decoder(payload);
  const { skipTags, list } = flexible(answer);
  skipTags(); // of the header
  answer.readInt32(); // throttle time
  const topics = list(() => {
    answer.readUVarIntString(); // name
    const partitions = list(() => {
      answer.readInt32(); // its number
      answer.readInt16(); // error code: then it has no producers
      answer.readUVarIntString(); // message
      const producers = list(() => {
        answer.readBytes(8 + 4 + 4 + 8); // id, epoch, last sequence, time of the last record
        const coordinatorEpoch = answer.readInt32();
        const began = answer.readBytes(8).readBigInt64BE();
        skipTags();
        return coordinatorEpoch >= 0 || began >= 0n;
      });
      skipTags();
      return producers;
    });
    skipTags();
    return partitions.flat();
  });
  return topics.flat().includes(true);
}
