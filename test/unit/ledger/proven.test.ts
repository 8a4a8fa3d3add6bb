import { describe, expect, it } from "vitest";
import { noHashes } from "../../../src/lake/hash-sum.js";
import type { Found } from "../../../src/ledger/count-rows.js";
import { provenStream, withAppended } from "../../../src/ledger/proven.js";
import { fakeGateway } from "../../helpers/gateway.js";
import { accountOf, icebergTable, landedPartition, snapshot, topicOf } from "../../helpers/tables.js";
import { taxi, workspaceOf } from "../../helpers/workspace.js";

const rows = (partition: number, min: number, max: number, more: Partial<Found> = {}): Found => ({
  ...{
    incarnation: 0,
    partition,
    bronze: max - min + 1,
    dlq: 0,
    offsets: max - min + 1,
    removed: 0,
    extra: 0,
    hashes: noHashes,
    min,
    max,
  },
  ...more,
});
const account = accountOf({ partitions: [landedPartition(0, 10, { dlq: 1 }), landedPartition(1, 5)] });
const appended = async (found: Found[], inKafka = Number.NaN, first = 0) => {
  const topic = topicOf([0, 1, 2].map((partition) => ({ partition, first, end: 100 })));
  return (await withAppended(account, found, topic, async () => inKafka))?.partitions;
};

describe("withAppended", () => {
  it("goes on behind the rows that a stream appended, each offset once", async () => {
    expect(await appended([rows(0, 10, 19, { bronze: 8, dlq: 2 })])).toEqual([
      landedPartition(0, 20, { dlq: 3 }),
      landedPartition(1, 5),
    ]);
    expect(await appended([])).toEqual(account.partitions);
  });

  it("takes in a partition that came while the stream ran, from its first offset on", async () => {
    expect((await appended([rows(2, 0, 3)]))?.at(-1)).toEqual(landedPartition(2, 4));
    expect(await appended([rows(2, 1, 3)], 4)).toBeUndefined();
  });

  it("counts offsets without a record, where Kafka has no more records than there are rows", async () => {
    const gap = rows(0, 10, 21, { bronze: 10, offsets: 10 });
    expect((await appended([gap], 10))?.[0]).toEqual(landedPartition(0, 22, { dlq: 1, withoutRecord: 2 }));
    expect(await appended([gap], 11)).toBeUndefined();
    // Kafka has removed some of them since: nobody can count.
    expect(await appended([gap], 10, 11)).toBeUndefined();
    // The first of them, too.
    const late = rows(0, 11, 20, { bronze: 10, offsets: 10 });
    expect((await appended([late], 10))?.[0]).toEqual(landedPartition(0, 21, { dlq: 1, withoutRecord: 1 }));
  });

  it.each([
    ["an offset twice", rows(0, 10, 19, { bronze: 11, offsets: 10 })],
    ["an offset that had landed before", rows(0, 9, 19)],
    ["rows of another incarnation", rows(0, 10, 19, { incarnation: 1 })],
  ])("does not hold with %s", async (_what, found) => {
    expect(await appended([found], 10)).toBeUndefined();
  });
});

describe("provenStream", () => {
  const bronze = icebergTable([snapshot("1", null), snapshot("3", "1")]);
  const id = taxi.tables.dlq;
  const dlq = icebergTable([snapshot("2", null), snapshot("4", "2")], { id });
  const compacted = icebergTable([snapshot("2", null), snapshot("4", "2", { operation: "replace" })], { id });
  const topic = topicOf([{ partition: 0, first: 0, end: 100 }]);
  /** Proves it where Flink counts these rows; tells what was read of which table, too. */
  const prove = async (tables: { bronze: typeof bronze; dlq: typeof dlq }, rows: number[][], inKafka = 0) => {
    const { runtime, queries } = await fakeGateway(() => rows);
    const asked: unknown[] = [];
    const kafka = {
      countRecords: async (...[name, range]: unknown[]) => {
        asked.push(name, range);
        return inKafka;
      },
    };
    const proven = await provenStream(workspaceOf({ runtime, kafka }), tables, account, topic);
    const read = queries.flatMap((query) => query.match(/FROM lake\S+ \/\*\+ [^*]*/g) ?? []);
    return { partitions: proven?.partitions, read, asked };
  };

  it("reads what has come since the account's snapshots, of both tables", async () => {
    const { partitions, read } = await prove({ bronze, dlq }, [[0, 0, 4, 2, 6, 0, 10, 15, 0]]);
    expect(partitions).toEqual([landedPartition(0, 16, { dlq: 3 }), landedPartition(1, 5)]);
    expect(read).toEqual([
      "FROM lake.`bronze`.`raw_trips` /*+ OPTIONS('start-snapshot-id' = '1', 'end-snapshot-id' = '3') ",
      "FROM lake.`bronze`.`raw_trips_dlq` /*+ OPTIONS('start-snapshot-id' = '2', 'end-snapshot-id' = '4') ",
    ]);
  });

  it("reads no table without news, compacted or empty", async () => {
    const first = { bronze: icebergTable([snapshot("1", null)]), dlq };
    expect((await prove(first, [])).read).toEqual([expect.stringContaining("raw_trips_dlq")]);
    expect((await prove({ bronze, dlq: compacted }, [])).read).toEqual([
      expect.stringContaining("`raw_trips` "),
    ]);
    const none = await prove({ bronze: first.bronze, dlq: icebergTable() }, []);
    expect(none).toEqual({ partitions: account.partitions, read: [], asked: [] });
  });

  it("asks Kafka for the records of a range that has fewer rows than offsets", async () => {
    const gap = [[0, 0, 6, 0, 6, 0, 10, 19, 0]];
    const { partitions, asked } = await prove({ bronze, dlq }, gap, 6);
    expect(partitions?.[0]).toEqual(landedPartition(0, 20, { dlq: 1, withoutRecord: 4 }));
    expect(asked).toEqual(["taxi.raw_trips", { partition: 0, start: 10, end: 20 }]);
    expect((await prove({ bronze, dlq }, gap, 7)).partitions).toBeUndefined();
  });
});
