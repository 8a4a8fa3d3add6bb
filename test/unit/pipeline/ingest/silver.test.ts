import { describe, expect, it } from "vitest";
import { qualitySchema } from "../../../../src/dataset/quality.js";
import type { Dataset } from "../../../../src/dataset/types.js";
import { partitionsOf } from "../../../../src/iceberg/layout.js";
import type { Row } from "../../../helpers/fakes/batch-jobs.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { landedPartition } from "../../../helpers/tables.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const [monday, tuesday, friday] = ["2026-01-05", "2026-01-06", "2026-01-09"] as const;
const record = (key: string, value = 1, date: string = monday) => ({ key, value, date });
const lastWins: Dataset = { ...taxi, silver: { ...taxi.silver, wins: "last" } };

/** A house in which records have landed, and silver is up to date. */
async function settled(records: readonly Row["record"][], more: Parameters<typeof fakeHouse>[1] = {}) {
  const house = fakeHouse(root, more);
  house.topic.send(0, ...records);
  await house.bronze();
  await house.silver();
  return house;
}

describe("silver", () => {
  it("has each key of bronze once, run after run", async () => {
    const house = await settled([record("a"), record("b"), record("a"), { ...record("x"), bad: true }]);
    house.topic.send(1, record("c"), record("a"), { ...record("d"), filtered: true });
    await house.bronze();
    expect(await house.silver()).toMatchObject({ total: 3, dates: [monday] });
    expect(house.seen("bronze")).toEqual(["a=1", "a=1", "a=1", "b=1", "c=1", "d=1"]);
    expect(house.seen("dlq")).toEqual(["x=1"]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "c=1"]);
    expect((await house.account())?.partitions).toEqual([
      landedPartition(0, 4, { dlq: 1 }),
      landedPartition(1, 3),
    ]);
  });

  it("runs no job when bronze has nothing new, and changes nothing", async () => {
    const house = await settled([record("a")]);
    const before = await house.image();
    expect(await house.silver()).toMatchObject({ job: undefined, total: 1, dates: [] });
    expect(await house.image()).toBe(before);
  });

  it("notes rows of which none passes the filters as taken, without a job", async () => {
    const house = await settled([record("a")]);
    house.topic.send(0, { ...record("b"), filtered: true });
    await house.bronze();
    expect(await house.silver()).toMatchObject({ job: undefined, total: 1 });
    expect(await house.silverState()).toMatchObject({
      bronzeSnapshot: house.catalog.head(taxi.tables.bronze),
      silverSnapshot: house.catalog.head(taxi.tables.silver),
    });
  });

  it("notes nothing where another program has written to silver meanwhile", async () => {
    const house = await settled([record("a")]);
    house.topic.send(0, { ...record("b"), filtered: true });
    await house.bronze();
    const before = await house.silverState();
    house.catalog.beforeCommit = () => {
      house.catalog.beforeCommit = () => {};
      house.catalog.write(taxi.tables.silver, {
        change: (rows) => [...rows, { ...(rows[0] as Row), record: record("rival") }],
      });
    };
    expect(await problemOf(() => house.silver())).toMatchObject({ code: "commit_conflict" });
    expect(await house.silverState()).toEqual(before);
  });

  it("reads only what is new, and rewrites only the dates that this touches", async () => {
    const house = await settled([record("a"), record("b", 1, tuesday)]);
    const untouched = house.catalog.rows(taxi.tables.silver).find(({ record: { key } }) => key === "a");
    house.topic.send(0, record("c", 1, tuesday));
    await house.bronze();
    expect((await house.silver()).dates).toEqual([tuesday]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "c=1"]);
    expect(house.catalog.rows(taxi.tables.silver)).toContain(untouched);
  });

  it("reads all of bronze after anything but appends: rows that were rewritten bring other values", async () => {
    const house = await settled([record("a"), record("b")]);
    house.topic.send(0, record("c"));
    await house.bronze();
    // As a backfill does: every row anew, with values that it had not.
    house.catalog.write(taxi.tables.bronze, {
      operation: "overwrite",
      change: (rows) => rows.map((row) => ({ ...row, record: { ...row.record, value: 2 } })),
    });
    expect((await house.silver()).dates).toBeUndefined();
    expect(house.seen("silver")).toEqual(["a=2", "b=2", "c=2"]);
  });

  it("goes on behind a compaction of bronze as if there were none", async () => {
    const house = await settled([record("a")]);
    house.catalog.write(taxi.tables.bronze, { operation: "replace", change: (rows) => [...rows] });
    expect(await house.silver()).toMatchObject({ job: undefined });
    house.topic.send(0, record("b", 1, tuesday));
    await house.bronze();
    expect((await house.silver()).dates).toEqual([tuesday]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
  });

  it("is made anew when another program has written to it: its rows and its dates go", async () => {
    const house = await settled([record("a")]);
    house.catalog.write(taxi.tables.silver, {
      change: (rows) => [...rows, { ...(rows[0] as Row), record: record("foreign", 9, friday) }],
    });
    expect((await house.silver()).dates).toBeUndefined();
    expect(house.seen("silver")).toEqual(["a=1"]);
  });

  it("is made anew when a rewrite of another program has lost rows, whatever that calls itself", async () => {
    const house = await settled([record("a"), record("b", 1, tuesday)]);
    house.catalog.write(taxi.tables.silver, { operation: "replace", change: (rows) => rows.slice(1) });
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
  });

  it("is made anew under other rules", async () => {
    const house = await settled([record("a"), record("a", 2)]);
    expect(house.seen("silver")).toEqual(["a=1"]);
    const workspace = { ...house.workspace, dataset: lastWins };
    await house.silver(undefined, workspace);
    expect(house.seen("silver")).toEqual(["a=2"]);
  });
});

describe("a range of silver", () => {
  it("is made anew from all of bronze, and says nothing about the other dates", async () => {
    const house = await settled([record("a"), record("b", 1, tuesday)]);
    const before = await house.silverState();
    house.topic.send(0, record("c"), record("d", 1, tuesday));
    await house.bronze();
    await house.silver({ from: tuesday, to: friday });
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "d=1"]);
    // What is new on Monday is still to be taken.
    expect((await house.silverState())?.bronzeSnapshot).toBe(before?.bronzeSnapshot);
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "c=1", "d=1"]);
  });

  it("loses the dates that get no row any more", async () => {
    const house = await settled([record("a"), record("b", 1, tuesday)]);
    house.catalog.write(taxi.tables.bronze, {
      operation: "overwrite",
      change: (rows) => rows.filter(({ record: { key } }) => key !== "b"),
    });
    await house.silver({ from: tuesday, to: tuesday });
    expect(house.seen("silver")).toEqual(["a=1"]);
  });

  it("is all of silver where that was never complete", async () => {
    const house = fakeHouse(root);
    house.topic.send(0, record("a"), record("b", 1, tuesday));
    await house.bronze();
    expect((await house.silver({ from: tuesday, to: tuesday })).dates).toBeUndefined();
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
    expect((await house.silverState())?.bronzeSnapshot).toBe(house.catalog.head(taxi.tables.bronze));
  });
});

describe("wins: last", () => {
  const more = { dataset: lastWins };

  it("a correction takes the place of what it corrects, in the same run or a later one", async () => {
    const house = await settled([record("a"), record("a", 2), record("b")], more);
    expect(house.seen("silver")).toEqual(["a=2", "b=1"]);
    house.topic.send(1, record("b", 3), record("c"));
    await house.bronze();
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=2", "b=3", "c=1"]);
  });

  it("what lands later is no correction when it was sent earlier", async () => {
    const house = await settled([record("a", 2)], more);
    house.topic.sendAt(1, 1, record("a", 1));
    house.topic.send(1, record("b"));
    await house.bronze();
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=2", "b=1"]);
  });

  it("identical: what is in silver stays, whatever lands later", async () => {
    const house = await settled([record("a", 2)]);
    house.topic.sendAt(1, 1, record("a", 1));
    await house.bronze();
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=2"]);
  });
});

describe("nobody sees silver", () => {
  const quality = qualitySchema.parse([{ rule: "unique", columns: ["trip_id"] }]);

  it("of which a rule with on_fail: fail is broken: it is as it was, and a later run tries again", async () => {
    const house = fakeHouse(root, { dataset: { ...taxi, quality } });
    // What the rule says of a value of 13, in the snapshot that is asked about.
    house.engine.answer = (sql) => {
      const [, asked] = /'snapshot-id' = '(\d+)'/.exec(sql) ?? [];
      const rows = house.catalog.rows(taxi.tables.silver, asked);
      const broken = rows.filter(({ record: { value } }) => value === 13);
      return sql.includes("AS numbers") ? [[0, `${rows.length},${broken.length}`]] : [[0, '{"trip_id":"b"}']];
    };
    house.topic.send(0, record("a"));
    await house.bronze();
    await house.silver();
    house.topic.send(0, record("b", 13));
    await house.bronze();
    const before = await house.image();
    expect(await problemOf(() => house.silver())).toMatchObject({ code: "quality_gate" });
    expect(await house.image()).toBe(before);
    house.catalog.write(taxi.tables.bronze, {
      operation: "overwrite",
      change: (rows) => rows.filter(({ record: { value } }) => value !== 13),
    });
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=1"]);
  });

  it("of a job that failed, or of a rival's table", async () => {
    const house = await settled([record("a")]);
    house.topic.send(0, record("b"));
    await house.bronze();
    const before = await house.image();
    house.engine.beforeJob = () => "FAILED";
    expect(await problemOf(() => house.silver())).toMatchObject({ code: "job_failed" });
    expect(await house.image()).toBe(before);
    house.engine.beforeJob = () => {
      house.catalog.write(taxi.tables.silver, {
        change: (rows) => [...rows, { ...(rows[0] as Row), record: record("rival") }],
      });
      return undefined;
    };
    expect(await problemOf(() => house.silver())).toMatchObject({ code: "commit_conflict" });
    expect(house.seen("silver")).toEqual(["a=1", "rival=1"]);
    house.engine.beforeJob = () => undefined;
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
  });
});

describe("silver over more partitions than a job can write at once", () => {
  /** As many days, one record each, in an order that is not theirs. */
  const days = (n: number, from = "2012-01-01") =>
    Array.from({ length: n }, (_, i) => {
      const date = new Date(Date.parse(`${from}T00:00:00Z`) + ((i * 7) % n) * 86_400_000)
        .toISOString()
        .slice(0, 10);
      return record(`k${i}`, 1, date);
    });
  // The limit of a heap of 256 MB is about 80 partitions of taxi.
  const flags = { TASK_HEAP_MB: "256" };

  it("is written by several jobs, whole and merged, and each job touches no more than that", async () => {
    const records = days(300);
    const house = fakeHouse(root, { flags });
    const written: number[] = [];
    const distinct = (rows: readonly Row[]) => new Set(rows.map((row) => row.record.date)).size;
    house.engine.distort = (kind, rows) => {
      if (kind === "silver") written.push(distinct(rows));
      return rows;
    };
    house.topic.send(0, ...records);
    await house.bronze();
    await house.silver();
    expect(house.seen("silver")).toEqual(house.seen("bronze"));
    expect(written).toHaveLength(4);
    expect(Math.max(...written)).toBeLessThan(81);
    house.topic.send(1, ...records.map((one) => ({ ...one, key: `${one.key}b` })));
    await house.bronze();
    expect((await house.silver()).dates).toHaveLength(300);
    expect(house.seen("silver")).toEqual(house.seen("bronze"));
    expect(written).toHaveLength(8);
    expect(Math.max(...written)).toBeLessThan(81);
    expect((await house.silverState())?.rows).toBe(600);
  });

  it("by months: a month is merged, replaced and rebuilt as a whole", async () => {
    const silver = {
      ...taxi.silver,
      partitionBy: { ...taxi.silver.partitionBy, transform: "month" as const },
    };
    const house = await settled(days(90), { flags, dataset: { ...taxi, silver } });
    expect(partitionsOf(await house.table("silver"))).toEqual(["month(pickup_date)"]);
    house.topic.send(0, record("new", 1, "2012-02-29"), record("k0", 2, "2012-01-01"));
    await house.bronze();
    expect((await house.silver()).dates).toEqual(["2012-01-01", "2012-02-01"]);
    expect(house.seen("silver")).toEqual([...house.seen("bronze").filter((text) => text !== "k0=2")].sort());
    const before = house.seen("silver");
    await house.silver({ from: "2012-02-10", to: "2012-02-11" });
    expect(house.seen("silver")).toEqual(before);
  });

  it("refuses rows without a date, and names the expression", async () => {
    const house = await settled([record("a")]);
    house.topic.send(0, { key: "b", value: 1, date: null as unknown as string });
    await house.bronze();
    expect(await problemOf(() => house.silver())).toMatchObject({
      code: "partition_missing",
      message: expect.stringContaining(
        "silver cannot be partitioned by pickup_date = CAST(tpep_pickup_datetime AS DATE)",
      ),
    });
    expect(house.seen("silver")).toEqual(["a=1"]);
  });
});
