import kafkajs from "kafkajs";
import { describe, expect, it } from "vitest";
import type { Broker, Cluster, Exchange } from "../../../src/kafka/cluster.js";
import { openSender } from "../../../src/kafka/producer.js";

// With a real broker every e2e test sends records. Here is what a real one cannot be made to do at the right moment: an
// answer that is lost.

const { KafkaJSConnectionClosedError, KafkaJSError, KafkaJSNonRetriableError } = kafkajs as typeof kafkajs & {
  KafkaJSConnectionClosedError: new (message: string, options: object) => Error;
  KafkaJSNonRetriableError: new (message: string) => Error;
};

/** A cluster of one broker with two partitions: `faults` are thrown in turns, after the request has been taken. */
function clusterWith(faults: (Error | undefined)[]) {
  const requests: Buffer[] = [];
  const broker = {
    versions: null,
    lookupRequest: () => () => ({ request: {}, response: {} }),
    initProducerId: async () => ({ producerId: "4242", producerEpoch: 0 }),
    [Symbol("private:Broker:sendRequest")]: async ({ request }: Exchange) => {
      const { buffer } = await (request as { encode(): Promise<{ buffer: Buffer }> }).encode();
      requests.push(Buffer.from(buffer));
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      return { topics: [{ partitions: [{ partition: 0, baseOffset: "7" }] }] };
    },
  } satisfies Broker & object;
  const events: string[] = [];
  const cluster: Cluster = {
    connect: async () => void events.push("connect"),
    disconnect: async () => {},
    isConnected: () => true,
    addTargetTopic: async () => {},
    refreshMetadata: async () => void events.push("refresh"),
    brokerPool: { findConnectedBroker: async () => broker },
    findBroker: async () => broker,
    removeBroker: ({ host, port }) => void events.push(`remove ${host}:${port}`),
    findLeaderForPartitions: (_topic, partitions) => ({ 1: [...partitions] }),
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: 1 }],
    retrier: async (attempt) =>
      await new Promise((resolve, reject) => {
        const once = (): void =>
          void attempt(reject).then(resolve, (error) =>
            error instanceof KafkaJSError ? once() : reject(error),
          );
        once();
      }),
  };
  return { cluster, requests, events };
}

const records = (n: number) =>
  Array.from({ length: n }, (_, i) => ({ key: null, value: Buffer.from(`v${i}`) }));
/** The base sequence of the only batch: behind the request's own fields, in its header. */
const sequenceIn = (request: Buffer) => request.readInt32BE(2 + 2 + 4 + 4 + 2 + 1 + 4 + 4 + 4 + 53);

describe("a batch whose answer is lost", () => {
  const lost = () => new KafkaJSConnectionClosedError("closed", { host: "h", port: 1 });

  it("is sent again as it was, so that the broker takes it once, and the next one follows", async () => {
    const { cluster, requests, events } = clusterWith([lost(), undefined, undefined]);
    const send = await openSender(cluster, "t");
    expect(await send(records(5))).toEqual([{ partition: 0, first: 7, count: 5 }]);
    expect(events).toEqual(["remove h:1", "refresh"]);
    await send(records(3));
    expect(requests).toHaveLength(3);
    expect(requests[1]).toEqual(requests[0]);
    expect(requests.map(sequenceIn)).toEqual([0, 0, 5]);
  });

  it("is not sent again after a refusal that no other try can mend", async () => {
    const { cluster, requests } = clusterWith([new KafkaJSNonRetriableError("too large")]);
    const send = await openSender(cluster, "t");
    await expect(send(records(1))).rejects.toThrow("too large");
    expect(requests).toHaveLength(1);
  });
});
