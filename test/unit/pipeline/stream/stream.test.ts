import { describe, expect, it } from "vitest";
import type { Found } from "../../../../src/ledger/count-rows.js";
import { withAppended } from "../../../../src/ledger/proven.js";
import { accountOf, landedPartition, topicOf } from "../../../helpers/tables.js";

const rows = (partition: number, min: number, max: number, more: Partial<Found> = {}): Found => ({
  ...{
    incarnation: 0,
    partition,
    bronze: max - min + 1,
    dlq: 0,
    offsets: max - min + 1,
    removed: 0,
    extra: 0,
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
