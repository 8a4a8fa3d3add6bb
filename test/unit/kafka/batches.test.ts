import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { TooLarge } from "../../../src/core/output.js";
import { type Batch, batchesIn, isOldFormat } from "../../../src/kafka/batches.js";
import { recordBatch } from "../../../src/kafka/record-batch.js";
import { stored } from "./stored.js";
import { giantInGzip, java, librdkafka } from "./stored-batches.js";

const enough = 1024 * 1024;
const recordsOf = async (set: Buffer) =>
  (await Promise.all([...batchesIn(set)].map((batch) => batch.records(enough)))).flat();

/** Record `i` as librdkafka's producer was given it, and as Java's was: Python writes its JSON with and without escapes alike. */
const sentAs = (i: number) => ({ id: i, name: `Zoë ${i}`, text: "ab".repeat(i * 3) });
const parsed = (value: Buffer | null) => (value === null ? null : JSON.parse(value.toString()));

describe.each(Object.entries(librdkafka))("a batch that librdkafka compressed with %s", (_codec, set) => {
  it("has each record with its offset, time, value and bytes", async () => {
    const records = await recordsOf(set);
    expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(records.map(({ timestampMs }) => timestampMs)).toEqual(
      Array.from({ length: 40 }, (_, i) => 1767225600000 + i * 1000),
    );
    expect(records.map(({ value }) => parsed(value))).toEqual(
      Array.from({ length: 40 }, (_, i) => (i === 9 ? null : sentAs(i))),
    );
    // Key "7" (each length is doubled), the value, and two headers, the second one without a value.
    const body = records[7]?.body.toString("hex") as string;
    expect([body.slice(0, 4), body.slice(-26)]).toEqual(["0237", "040a7472616365040001026801"]);
  });

  it("says what it has before anything is decompressed", () => {
    const batches = [...batchesIn(set)];
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(40);
    expect(batches.at(-1)).toMatchObject({ last: 39, isTransactional: false, isControl: false });
  });

  it("is refused where a byte of it is another one", async () => {
    const damaged = Buffer.from(set);
    damaged.writeUInt8(damaged.readUInt8(set.length - 20) ^ 1, set.length - 20);
    await expect(recordsOf(damaged)).rejects.toThrow("its checksum does not match");
  });

  it("is not there where it is cut off", async () => {
    expect(await recordsOf(set.subarray(0, set.length - 1))).toEqual(
      (await recordsOf(set)).slice(0, [...batchesIn(set)].at(-1)?.first),
    );
  });
});

describe.each(Object.entries(java))("batches that Java's producer compressed with %s", (_codec, set) => {
  it("have each record", async () => {
    const records = await recordsOf(set);
    expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    // It draws from forty of them.
    for (const { value } of records) expect(parsed(value)).toEqual(sentAs(parsed(value).id));
  });
});

describe("a batch of 27 KB that holds 900 MB", () => {
  it("is refused at the limit", async () => {
    const [, giant] = [...batchesIn(gunzipSync(giantInGzip))] as [Batch, Batch];
    expect(giant).toMatchObject({ first: 1, last: 1, count: 1, bytes: 27566 });
    await expect(giant.records(enough)).rejects.toThrow(TooLarge);
    await expect(giant.records(enough)).rejects.toThrow("it has more than 1 MiB when it is decompressed");
  });
});

describe("what else a broker stores", () => {
  const plain = (values: string[]) =>
    recordBatch(
      values.map((value) => ({ key: null, value: Buffer.from(value) })),
      { producerId: 7n, producerEpoch: 0, sequence: 0 },
      1_000,
    );

  it("is the broker's time, where the topic says so", async () => {
    const batch = stored(plain(["a", "b"]), { attributes: 8, maxTimestampMs: 5_000 });
    expect((await recordsOf(batch)).map(({ timestampMs }) => timestampMs)).toEqual([5_000, 5_000]);
  });

  it("is a batch of which compaction has left nothing but its head", async () => {
    const batch = stored(plain(["a"]).subarray(0, 61), { attributes: 4, count: 0, first: 20, lastDelta: 9 });
    expect([...batchesIn(batch)]).toMatchObject([{ first: 20, last: 29, count: 0 }]);
    expect(await recordsOf(batch)).toEqual([]);
  });

  it("has the same bytes whatever its offset and time", async () => {
    const [one] = await recordsOf(stored(plain(["a"]), { first: 5 }));
    const [, other] = await recordsOf(stored(plain(["x", "a"]), { first: 900, maxTimestampMs: 9 }));
    expect(other?.body).toEqual(one?.body);
  });

  it("is one in the format from before Kafka 0.11", () => {
    const set = Buffer.alloc(40);
    set.writeInt8(1, 16);
    expect(isOldFormat(set)).toBe(true);
    expect(isOldFormat(plain(["a"]))).toBe(false);
    expect(isOldFormat(Buffer.alloc(0))).toBe(false);
  });

  it("is a codec that nobody knows", async () => {
    await expect(recordsOf(stored(plain(["a"]), { attributes: 5 }))).rejects.toThrow(
      "Kafka knows no codec 5",
    );
  });
});
