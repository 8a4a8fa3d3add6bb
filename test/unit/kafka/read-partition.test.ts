import Encoder from "kafkajs/src/protocol/encoder.js";
import { describe, expect, it } from "vitest";
import type { Broker, Cluster, Exchange } from "../../../src/kafka/cluster.js";
import { countRecords, firstRecord, lastRecord, readPartition } from "../../../src/kafka/read-partition.js";
import { recordBatch } from "../../../src/kafka/record-batch.js";
import { problemOf } from "../../helpers/problem.js";
import { stored } from "./stored.js";

// What a real broker answers is tested in test/interop. Here is what one cannot be brought to do at the right moment.

const signal = new AbortController().signal;
const [transactional, control] = [16, 32];
/** A batch whose records are their own offsets. */
const batch = (first: number, count: number, head: Parameters<typeof stored>[1] = {}) =>
  stored(
    recordBatch(
      Array.from({ length: count }, (_, i) => ({ key: null, value: Buffer.from(String(first + i)) })),
      { producerId: -1n, producerEpoch: 0, sequence: 0 },
      1_000 + first,
    ),
    { first, ...head },
  );
const aborted = (producerId: bigint, firstOffset: number) => ({ producerId, firstOffset });

/** A cluster of one broker whose log is these batches; a fetch gives those from its offset on, as many as `answers` says, else one. */
function clusterOf(
  log: readonly Buffer[],
  { transactions = [] as ReturnType<typeof aborted>[], answers = [] as number[] } = {},
) {
  const asked: number[] = [];
  const int64 = (value: number | bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt(value));
    return bytes;
  };
  const broker: Broker = {
    versions: null,
    lookupRequest: () => (request) => ({ request: { apiVersion: 11, ...request }, response: {} }),
    initProducerId: async () => ({ producerId: "1", producerEpoch: 0 }),
  };
  const send = async ({ request, response }: Exchange) => {
    const { topics } = request as { topics: { partitions: { fetchOffset: string }[] }[] };
    const offset = Number(topics[0]?.partitions[0]?.fetchOffset);
    asked.push(offset);
    const records = Buffer.concat(
      log
        .filter((one) => Number(one.readBigInt64BE(0)) + one.readInt32BE(23) >= offset)
        .slice(0, answers.shift() ?? 1),
    );
    const answer = new Encoder(records.length + 200)
      .writeInt32(0)
      .writeInt16(0)
      .writeInt32(0)
      .writeInt32(1)
      .writeString("t")
      .writeInt32(1)
      .writeInt32(0)
      .writeInt16(0)
      .writeBuffer(Buffer.concat([int64(100), int64(100), int64(0)]))
      .writeInt32(transactions.length);
    for (const { producerId, firstOffset } of transactions)
      answer.writeBuffer(Buffer.concat([int64(producerId), int64(firstOffset)]));
    answer.writeInt32(-1).writeInt32(records.length).writeBuffer(records);
    const { decode, parse } = response as Record<"decode" | "parse", (value: unknown) => Promise<never>>;
    return await parse(await decode((answer as unknown as { buffer: Buffer }).buffer));
  };
  const cluster = {
    addTargetTopic: async () => {},
    refreshMetadata: async () => {},
    findLeaderForPartitions: () => ({ 1: [0] }),
    findBroker: async () => Object.assign(broker, { [Symbol("private:Broker:sendRequest")]: send }),
  } as unknown as Cluster;
  return { cluster, asked };
}

async function valuesOf(cluster: Cluster, start: number, end: number): Promise<string[]> {
  const values: string[] = [];
  for await (const records of readPartition(cluster, "t", { partition: 0, start, end }, 1, signal))
    values.push(...records.map(({ value }) => String(value)));
  return values;
}

describe("a range of a partition", () => {
  const plain = [batch(0, 10), batch(10, 10), batch(20, 10)];

  it("begins and ends within batches", async () => {
    const { cluster } = clusterOf(plain);
    expect(await valuesOf(cluster, 8, 12)).toEqual(["8", "9", "10", "11"]);
    expect(await countRecords(cluster, "t", { partition: 0, start: 8, end: 22 }, signal)).toBe(14);
    expect(await firstRecord(cluster, "t", { partition: 0, start: 25, end: 30 }, signal)).toMatchObject({
      offset: 25,
      timestampMs: 1_020,
    });
  });

  it("waits while a broker that limits the rate of its clients answers nothing", async () => {
    const { cluster, asked } = clusterOf(plain, { answers: [1, 0, 0, 1] });
    expect(await countRecords(cluster, "t", { partition: 0, start: 0, end: 20 }, signal)).toBe(20);
    expect(asked).toEqual([0, 10, 10, 10]);
  });

  it("asks once for the offsets that compaction has removed at the end of a batch", async () => {
    const { cluster, asked } = clusterOf([batch(0, 2, { lastDelta: 999 }), batch(1000, 1)]);
    expect(await countRecords(cluster, "t", { partition: 0, start: 0, end: 1001 }, signal)).toBe(3);
    expect(await countRecords(cluster, "t", { partition: 0, start: 1, end: 900 }, signal)).toBe(1);
    expect(asked).toEqual([0, 1000, 1]);
  });

  it("is counted without a look into batches that nobody could hold", async () => {
    // Unknown codec: whoever decompresses it fails.
    const { cluster } = clusterOf([batch(0, 10, { attributes: 7 })]);
    expect(await countRecords(cluster, "t", { partition: 0, start: 3, end: 9 }, signal)).toBe(6);
  });
});

describe("transactions", () => {
  const marker = (first: number, producerId: bigint) =>
    batch(first, 1, { attributes: transactional | control, producerId });
  const of = (first: number, count: number, producerId: bigint) =>
    batch(first, count, { attributes: transactional, producerId });

  it("leave out what was aborted, of two that began before the range too", async () => {
    // 7 and 8 are aborted; 8 begins a second one, which is committed; a record of nobody's transaction lies between.
    const log = [
      of(0, 2, 7n),
      of(2, 2, 8n),
      batch(4, 1),
      marker(5, 7n),
      marker(6, 8n),
      of(7, 2, 8n),
      marker(9, 8n),
    ];
    const transactions = [aborted(8n, 2), aborted(7n, 0)];
    const { cluster } = clusterOf(log, { transactions, answers: [9, 9, 9] });
    expect(await valuesOf(cluster, 0, 10)).toEqual(["4", "7", "8"]);
    expect(await valuesOf(cluster, 3, 10)).toEqual(["4", "7", "8"]);
    expect(await countRecords(cluster, "t", { partition: 0, start: 0, end: 10 }, signal)).toBe(3);
  });

  it("end in markers, before which the last record lies", async () => {
    const log = [of(0, 3, 7n), marker(3, 7n), ...Array.from({ length: 40 }, (_, i) => marker(4 + i, 8n))];
    const { cluster } = clusterOf(log, { answers: Array(9).fill(99) });
    const range = { partition: 0, start: 0, end: 44 };
    expect(await lastRecord(cluster, "t", range, signal)).toMatchObject({ offset: 2 });
    expect(await lastRecord(cluster, "t", { ...range, start: 3 }, signal)).toBeUndefined();
  });
});

describe("records that cannot be read", () => {
  it("are named with partition, offset and size", async () => {
    const { cluster } = clusterOf([batch(0, 1), batch(1, 3, { attributes: 7 })]);
    const error = await problemOf(() => valuesOf(cluster, 0, 4));
    expect(error).toMatchObject({ kind: "failed", code: "batch_unreadable" });
    expect(error.message).toBe(
      "the records of partition 0 of t from offset 1 on cannot be read: a batch of 3 records in 85 bytes: Kafka knows no codec 7",
    );
  });

  it("are those from before Kafka 0.11", async () => {
    const old = batch(0, 1);
    old.writeInt8(1, 16);
    const error = await problemOf(() => valuesOf(clusterOf([old]).cluster, 0, 1));
    expect(error.message).toContain("they are in a format from before Kafka 0.11");
  });
});

it("a record has the same checksum in another batch, and another one has another", async () => {
  const at = async (log: Buffer[], start: number) =>
    (await firstRecord(clusterOf(log).cluster, "t", { partition: 0, start, end: start + 1 }, signal))
      ?.checksum;
  const first = await at([batch(0, 3)], 1);
  expect(await at([batch(1, 1)], 1)).toBe(first);
  expect(await at([batch(0, 3)], 2)).not.toBe(first);
});
