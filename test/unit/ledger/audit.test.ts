import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/iceberg/catalog.js";
import type { BranchWork } from "../../../src/lake/branches.js";
import type { Range } from "../../../src/lake/ranges.js";
import { audit as auditRows } from "../../../src/ledger/audit.js";
import { problemOf } from "../../helpers/problem.js";
import { icebergTable, landing, snapshot } from "../../helpers/tables.js";

const work = (...snapshots: Snapshot[]) => ({
  table: icebergTable(),
  snapshots,
  head: snapshots[0]?.id ?? null,
});
const range = (partition: number, start: number, end: number): Range => ({
  partition,
  start,
  end,
  lost: 0,
  skipped: 0,
  present: 0,
});
/** Audits against a Kafka that has a record at each offset, or so many as told. */
const audit = async (
  ranges: Range[],
  bronze: BranchWork,
  dlq: BranchWork,
  inKafka = ({ start, end }: Range) => end - start,
) => await auditRows(ranges, bronze, dlq, async (range) => inKafka(range));

describe("audit", () => {
  it("adds up each partition, over several snapshots of both tables", async () => {
    const bronze = work(landing("3", "2", { 0: 4 }), landing("2", "1", { 0: 3, 1: 5 }));
    const dlq = work(landing("9", null, { 0: 1 }));
    expect(await audit([range(0, 10, 18), range(1, 0, 5), range(2, 7, 7)], bronze, dlq)).toEqual([
      { partition: 0, bronze: 7, dlq: 1, withoutRecord: 0 },
      { partition: 1, bronze: 5, dlq: 0, withoutRecord: 0 },
      { partition: 2, bronze: 0, dlq: 0, withoutRecord: 0 },
    ]);
  });

  it("refuses a row too few and a row too many, each with its numbers; they do not cancel out", async () => {
    const bronze = work(landing("2", "1", { 0: 9, 1: 11 }));
    const error = await problemOf(() => audit([range(0, 0, 10), range(1, 100, 110)], bronze, work()));
    expect(error).toMatchObject({ kind: "failed", code: "audit_failed" });
    expect(error.message.split("\n").slice(1)).toEqual([
      "  partition 0: 10 records (offsets 0 to 9), but 9 rows for bronze and 0 dead letters",
      "  partition 1: 10 records (offsets 100 to 109), but 11 rows for bronze and 0 dead letters",
    ]);
  });

  it("calls an offset without a record so, when Kafka has just as many records as there are rows", async () => {
    const rows = await audit(
      [range(0, 100, 200)],
      work(landing("2", "1", { 0: 88 })),
      work(landing("9", null, { 0: 2 })),
      () => 90,
    );
    expect(rows).toEqual([{ partition: 0, bronze: 88, dlq: 2, withoutRecord: 10 }]);
  });

  it("counts what a hole's surroundings have in the tables already, and only that", async () => {
    const repaired = { ...range(0, 0, 10), present: 7 };
    expect(await audit([repaired], work(landing("2", "1", { 0: 3 })), work())).toEqual([
      { partition: 0, bronze: 3, dlq: 0, withoutRecord: 0 },
    ]);
    for (const rows of [2, 4]) {
      const error = await problemOf(() => audit([repaired], work(landing("2", "1", { 0: rows })), work()));
      expect(error.message).toContain("7 there already");
    }
  });

  it.each([91, 89])("refuses 90 rows where Kafka has %i records", async (inKafka) => {
    const bronze = work(landing("2", "1", { 0: 90 }));
    const error = await problemOf(() => audit([range(0, 100, 200)], bronze, work(), () => inKafka));
    expect(error.code).toBe("audit_failed");
    expect(error.message).toContain(`${inKafka} records`);
  });

  it("refuses records that left no row at all", async () => {
    expect((await problemOf(() => audit([range(0, 0, 3)], work(), work()))).code).toBe("audit_failed");
  });

  it("refuses a summary that does not tell the partitions apart", async () => {
    const silent = snapshot("7", null, { summary: { "added-records": "10" } });
    const error = await problemOf(() => audit([range(0, 0, 10)], work(silent), work()));
    expect(error.message).toContain("snapshot 7 does not say how many rows each Kafka partition got");
    expect(error.hint).toContain("write.summary.partition-limit");
  });

  it("takes the added rows, not the total nor the deleted ones", async () => {
    const mixed = snapshot("7", null, {
      summary: {
        "added-records": "2",
        "total-records": "900",
        "partitions.kafka_partition=0": "added-data-files=1,deleted-records=5,added-records=2",
        "partitions.kafka_partition=1": "deleted-records=7",
        "changed-partition-count": "2",
      },
    });
    expect(await audit([range(0, 0, 2)], work(mixed), work())).toEqual([
      { partition: 0, bronze: 2, dlq: 0, withoutRecord: 0 },
    ]);
  });

  it("refuses rows of a partition that was not asked for", async () => {
    const bronze = work(landing("2", "1", { 0: 10, 5: 3 }));
    const error = await problemOf(() => audit([range(0, 0, 10)], bronze, work(landing("9", null, { 7: 1 }))));
    expect(error.code).toBe("audit_failed");
    expect(error.message.split("\n").slice(1)).toEqual([
      "  partition 5: rows, but none of its offsets were to be ingested",
      "  partition 7: rows, but none of its offsets were to be ingested",
    ]);
    expect(error.hint).toContain("pipectl process");
  });

  it("asks Kafka only where there are fewer rows than offsets: it reads all of the range", async () => {
    const asked: number[] = [];
    const bronze = work(landing("2", "1", { 0: 10, 1: 9 }));
    await audit(
      [range(0, 0, 10), range(1, 0, 10)],
      bronze,
      work(),
      ({ partition }) => asked.push(partition) && 9,
    );
    expect(asked).toEqual([1]);
  });
});
