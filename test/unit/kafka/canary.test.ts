import kafkajs from "kafkajs";
import KafkaBroker from "kafkajs/src/broker/index.js";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { createErrorFromCode } from "kafkajs/src/protocol/error.js";
import Fetch from "kafkajs/src/protocol/requests/fetch/index.js";
import Produce from "kafkajs/src/protocol/requests/produce/index.js";
import { describe, expect, it } from "vitest";
import { clusterOf, exchange } from "../../../src/kafka/cluster.js";

// What is taken from inside kafkajs, where neither a type nor an error at start-up would tell that an upgrade has changed it.

/** What a failed canary says: which of our files relies on it, and what to look for in the new version. */
const changed = (usedBy: string, lookFor: string) =>
  `An upgrade has changed what is used by ${usedBy}. Look for ${lookFor} in node_modules/kafkajs. ` +
  "Mend our side first, then this canary (docs/upgrading.md).";

/** Those of `names` that are no methods of `holder`. */
const missing = (holder: object, names: readonly string[]) =>
  names.filter((name) => typeof (holder as Record<string, unknown>)[name] !== "function");

describe("kafkajs", () => {
  const kafka = new kafkajs.Kafka({ brokers: ["127.0.0.1:1"], logLevel: kafkajs.logLevel.NOTHING });

  it("has its connections to a cluster behind a symbol", () => {
    const why = changed("src/kafka/cluster.ts (clusterOf)", "createCluster and the class Cluster");
    const methods = [
      ...["connect", "disconnect", "isConnected", "addTargetTopic", "refreshMetadata", "findBroker"],
      ...["removeBroker", "findLeaderForPartitions", "findTopicPartitionMetadata", "retrier"],
    ];
    let cluster: ReturnType<typeof clusterOf> | undefined;
    expect(() => (cluster = clusterOf(kafka)), why).not.toThrow();
    expect(missing(cluster ?? {}, methods), why).toEqual([]);
    expect(missing(cluster?.brokerPool ?? {}, ["findConnectedBroker"]), why).toEqual([]);
  });

  it("sends any request over a broker's connection", async () => {
    const why = changed("src/kafka/cluster.ts (exchange)", "sendRequest and the class Broker");
    const connectionPool = { host: "h", port: 1, send: async (request: object) => request };
    const broker = new KafkaBroker({ connectionPool, logger: { namespace: () => ({}) }, versions: {} });
    expect(missing(broker, ["lookupRequest", "initProducerId"]), why).toEqual([]);
    const what = { request: { apiKey: 3 }, response: {} };
    const sent = await exchange(broker as never, what).catch((error: Error) => error.message);
    expect(sent, why).toBe(what);
  });

  it("writes and reads Kafka's basic types", () => {
    const why = changed("src/kafka/metadata.ts and src/kafka/producer.ts", "Encoder and Decoder");
    const encoder = new Encoder(8)
      .writeInt16(-2)
      .writeInt32(7)
      .writeString(null)
      .writeUVarInt(300)
      .writeUVarIntString("ü")
      .writeBoolean(true)
      .writeBuffer(Buffer.from("xy"));
    const { buffer } = encoder as unknown as { buffer: Buffer };
    expect(buffer.toString("hex"), why).toBe("fffe00000007ffffac0203c3bc017879");
    const decoder = new Decoder(buffer);
    expect([decoder.readInt16(), decoder.readInt32(), decoder.readInt16()], why).toEqual([-2, 7, -1]);
    const rest = [decoder.readUVarInt(), decoder.readUVarIntString(), decoder.readBoolean()];
    expect(rest, why).toEqual([300, "ü", true]);
    expect(decoder.readBytes(2).toString(), why).toBe("xy");
  });

  it("encodes the version of a Fetch request whose answer is decoded here", () => {
    const why = changed("src/kafka/fetch.ts (readFetched)", "the versions of the request in fetch/index.js");
    const { versions, protocol } = Fetch as {
      versions: string[];
      protocol(options: { version: number }): (request: object) => Record<"request" | "response", object>;
    };
    const newest = Math.max(...versions.map(Number));
    const { request } = protocol({ version: newest })({ topics: [], maxWaitTime: 0 });
    expect(request, why).toMatchObject({ apiKey: 1, apiVersion: 11 });
  });

  it("has the newest version of a Produce request that is encoded here", () => {
    const why = changed(
      "src/kafka/producer.ts (produceRequest)",
      "the versions of the request in produce/index.js",
    );
    const { versions, protocol } = Produce as {
      versions: string[];
      protocol(options: { version: number }): (request: object) => Record<"request" | "response", object>;
    };
    const newest = Math.max(...versions.map(Number));
    expect(newest, `${why} Version 9 is the first with another encoding`).toBeLessThan(9);
    const { request, response } = protocol({ version: newest })({ acks: -1, topicData: [] });
    expect(request, why).toMatchObject({ apiKey: 0, apiVersion: newest });
    expect(missing(response, ["decode", "parse"]), why).toEqual([]);
  });

  it("names Kafka's errors", () => {
    const why = changed("src/kafka/groups.ts, client.ts and metadata.ts", "the types in protocol/error.js");
    const types = [14, 15, 16, 5].map((code) => (createErrorFromCode(code) as Error & { type: string }).type);
    expect(types, why).toEqual([
      "GROUP_LOAD_IN_PROGRESS",
      "GROUP_COORDINATOR_NOT_AVAILABLE",
      "NOT_COORDINATOR_FOR_GROUP",
      "LEADER_NOT_AVAILABLE",
    ]);
    const { KafkaJSConnectionClosedError } = kafkajs as unknown as Record<
      string,
      new (
        text: string,
      ) => Error
    >;
    const closed =
      KafkaJSConnectionClosedError === undefined ? undefined : new KafkaJSConnectionClosedError("x");
    expect(closed?.name, changed("src/kafka/producer.ts (retried)", "the error of a closed connection")).toBe(
      "KafkaJSConnectionClosedError",
    );
  });
});
