import { describe, expect, it } from "vitest";
import type { Found } from "../../../src/ledger/count-rows.js";
import { accountFrom } from "../../../src/ledger/recount.js";
import { problemOf } from "../../helpers/problem.js";
import { accountOf, landedPartition, topicId, topicOf } from "../../helpers/tables.js";

const at = (partition: number, first: number, end: number) => ({ partition, first, end });
/** Rows of so many distinct offsets from `min` to `max`; dead letters are none unless told. */
const found = (partition: number, min: number, max: number, more: Partial<Found> = {}): Found => {
  const offsets = more.offsets ?? max - min + 1;
  return {
    incarnation: 0,
    partition,
    bronze: offsets,
    dlq: 0,
    removed: 0,
    extra: 0,
    min,
    max,
    ...more,
    offsets,
  };
};
const count = (
  rows: Found[],
  offsets: ReturnType<typeof at>[],
  known: Parameters<typeof accountFrom>[3] = undefined,
  acceptLoss = false,
  id: string = topicId,
) => accountFrom(rows, "t", topicOf(offsets, id), known, acceptLoss);

describe("the account that rows tell", () => {
  it("goes on behind rows without a hole, whoever wrote them", () => {
    const { account, present } = count(
      [found(0, 0, 9), found(1, 5, 9)],
      [at(0, 0, 20), at(1, 5, 9), at(2, 3, 4)],
    );
    expect(account).toEqual({
      version: 4,
      topic: "t",
      topicId,
      incarnation: 0,
      partitions: [
        landedPartition(0, 10),
        landedPartition(1, 10, { first: 5 }),
        landedPartition(2, 3, { first: 3 }),
      ],
    });
    expect(present.size).toBe(0);
  });

  it("reads a partition with a hole again from its beginning, and knows what of it is there", () => {
    const { account, present } = count(
      [found(0, 0, 99, { offsets: 90, dlq: 4, bronze: 86 })],
      [at(0, 0, 120)],
    );
    expect(account.partitions).toEqual([{ ...landedPartition(0, 0), bronze: 86, dlq: 4 }]);
    expect([...present]).toEqual([[0, 90]]);
  });

  it("finds a hole at the end by what was recorded, although no row lies behind it", () => {
    const known = accountOf({ partitions: [landedPartition(0, 100, { dlq: 2 })] });
    const { account, present } = count([found(0, 0, 49)], [at(0, 0, 100)], known);
    expect(account.partitions).toEqual([{ ...landedPartition(0, 0), bronze: 50 }]);
    expect([...present]).toEqual([[0, 50]]);
  });

  it("keeps what was recorded of offsets that can never have a row", () => {
    const known = accountOf({
      partitions: [landedPartition(0, 100, { withoutRecord: 7, lost: 20 }), landedPartition(1, 4)],
    });
    const rows = [found(0, 20, 109, { offsets: 83 }), found(1, 0, 3)];
    const { account } = count(rows, [at(0, 50, 200), at(1, 0, 4)], known);
    expect(account.partitions).toEqual([
      landedPartition(0, 110, { withoutRecord: 7, lost: 20 }),
      landedPartition(1, 4),
    ]);
  });

  it("refuses a hole that Kafka can no longer fill, and puts it on record when that is accepted", async () => {
    const rows = [found(0, 0, 99, { offsets: 90, removed: 34 })];
    const error = await problemOf(() => count(rows, [at(0, 40, 100)]));
    // Without an account, the tables' first offset is where it begins: 40 offsets were removed, 34 of them have rows.
    expect(error).toMatchObject({ kind: "failed", code: "records_lost" });
    expect(error.message).toContain("partition 0: 6 offsets before 40");
    const { account, present } = count(rows, [at(0, 40, 100)], undefined, true);
    expect(account.partitions).toEqual([{ ...landedPartition(0, 40, { lost: 6 }), bronze: 90 }]);
    expect([...present]).toEqual([[0, 56]]);
  });

  it("refuses rows that were written twice: nothing can be taken to make them right", async () => {
    const error = await problemOf(() => count([found(0, 0, 9, { bronze: 12 })], [at(0, 0, 10)]));
    expect(error).toMatchObject({ code: "rows_doubled" });
    expect(error.message).toContain("partition 0: 2 rows too many");
  });

  it("refuses rows before the first offset that was ever taken", async () => {
    const known = accountOf({ partitions: [landedPartition(0, 20, { first: 10 })] });
    expect((await problemOf(() => count([found(0, 5, 19)], [at(0, 0, 20)], known))).code).toBe(
      "account_untrusted",
    );
  });

  it("is not misled by a row outside that makes up for a hole inside", async () => {
    const known = accountOf({ partitions: [landedPartition(0, 20, { first: 10 })] });
    const rows = [found(0, 5, 19, { offsets: 10 })];
    expect((await problemOf(() => count(rows, [at(0, 0, 20)], known))).code).toBe("account_untrusted");
  });

  it("cannot fill a hole of a topic that is gone", async () => {
    const known = accountOf({ partitions: [landedPartition(0, 10)] });
    const rows = [found(0, 0, 7)];
    expect((await problemOf(() => count(rows, [at(0, 0, 99)], known, false, "another"))).code).toBe(
      "records_lost",
    );
    const { account } = count(rows, [at(0, 0, 99)], known, true, "another");
    expect(account).toMatchObject({
      incarnation: 0,
      topicId,
      partitions: [landedPartition(0, 10, { lost: 2 })],
    });
  });

  it("keeps the incarnations apart", () => {
    const known = accountOf({
      incarnation: 1,
      partitions: [landedPartition(0, 10), landedPartition(0, 5, { incarnation: 1 })],
    });
    const rows = [found(0, 0, 9), found(0, 0, 6, { incarnation: 1 })];
    expect(count(rows, [at(0, 0, 9)], known).account.partitions).toEqual([
      landedPartition(0, 10),
      landedPartition(0, 7, { incarnation: 1 }),
    ]);
  });
});
