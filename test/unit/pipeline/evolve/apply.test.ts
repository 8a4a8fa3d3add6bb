import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import { type ColumnType, parseColumnType } from "../../../../src/dataset/column-type.js";
import type { Column, Dataset } from "../../../../src/dataset/types.js";
import { partitionsOf } from "../../../../src/iceberg/layout.js";
import { applyManifest } from "../../../../src/pipeline/evolve/apply.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { landedPartition } from "../../../helpers/tables.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const [monday, tuesday] = ["2026-01-05", "2026-01-06"] as const;
const record = (key: string, value = 1, date: string = monday) => ({ key, value, date });

const surge: Column = {
  ...(taxi.columns[0] as Column),
  ...{ name: "surge", source: "surge", silver: "surge", aliases: [], description: "", type: "INT" },
  parsedType: parseColumnType("INT") as ColumnType,
  nullable: true,
};
/** The manifest with one column more. */
const wider: Dataset = { ...taxi, columns: [...taxi.columns, surge] };
const narrower: Dataset = { ...taxi, columns: taxi.columns.filter(({ name }) => name !== "fare_amount") };

async function settled(...records: ReturnType<typeof record>[]) {
  const house = fakeHouse(root, { partitions: 1 });
  house.topic.send(0, ...records);
  await house.bronze();
  await house.silver();
  return house;
}
const columnsOf = async (house: Awaited<ReturnType<typeof settled>>, kind: "bronze" | "silver") =>
  (await house.table(kind)).schema.fields.map(({ name }) => name);

describe("apply", () => {
  it("gives the tables a new column, and moves no row: silver goes on with what is new", async () => {
    const house = await settled(record("a"), record("b", 1, tuesday));
    expect(await problemOf(() => house.silver(undefined, house.under(wider)))).toMatchObject({
      code: "table_differs",
    });
    const rows = house.catalog.rows(taxi.tables.silver);
    expect(
      await applyManifest(house.under(wider), { backfill: false, rewriteManifest: false }),
    ).toMatchObject({
      ...{ applied: true, silverAnew: false, backfill: null, restarted: [] },
    });
    expect(await columnsOf(house, "bronze")).toContain("surge");
    expect(await columnsOf(house, "silver")).toContain("surge");
    expect(house.catalog.rows(taxi.tables.silver)).toBe(rows);
    // No row of bronze has a value for it: silver is what the new rules make of them.
    expect(await house.silver(undefined, house.under(wider))).toMatchObject({ job: undefined });
    house.topic.send(0, record("c", 1, tuesday));
    await house.bronze(false, house.under(wider));
    expect((await house.silver(undefined, house.under(wider))).dates).toEqual([tuesday]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "c=1"]);
  });

  it("changes nothing the second time", async () => {
    const house = await settled(record("a"));
    await applyManifest(house.under(wider), { backfill: false, rewriteManifest: false });
    const before = await house.image();
    expect(await applyManifest(house.under(wider), { backfill: true, rewriteManifest: false })).toMatchObject(
      {
        ...{ applied: false, backfill: { rows: 0, unfit: 0 } },
      },
    );
    expect(await house.image()).toBe(before);
  });

  it("refuses what would lose something, before anything has changed", async () => {
    const house = await settled(record("a"));
    const before = await house.image();
    expect(
      await problemOf(() =>
        applyManifest(house.under(narrower), { backfill: false, rewriteManifest: false }),
      ),
    ).toMatchObject({
      code: "change_refused",
    });
    expect(await house.image()).toBe(before);
  });

  it("is carried on by the next call when it died in the middle", async () => {
    const house = await settled(record("a"));
    house.catalog.beforeCommit = ({ id }) => {
      if (id.table === taxi.tables.bronze.table) throw unavailable("catalog_error", "the catalog is gone");
    };
    await problemOf(() => applyManifest(house.under(wider), { backfill: false, rewriteManifest: false }));
    expect(await columnsOf(house, "silver")).toContain("surge");
    expect(await columnsOf(house, "bronze")).not.toContain("surge");
    house.catalog.beforeCommit = () => {};
    await applyManifest(house.under(wider), { backfill: false, rewriteManifest: false });
    expect(await columnsOf(house, "bronze")).toContain("surge");
    // Silver still is what the rules make of bronze.
    expect(await house.silver(undefined, house.under(wider))).toMatchObject({ job: undefined });
  });

  it("makes a stream go on with the new columns, each record once", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"));
    await house.stream();
    const { restarted } = await applyManifest(house.under(wider), {
      backfill: false,
      rewriteManifest: false,
    });
    expect(restarted).toMatchObject([{ kind: "bronze" }]);
    // Another statement takes no state over.
    expect((await house.account())?.stream?.restored).toBeUndefined();
    house.topic.send(0, record("b"));
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
    expect(await columnsOf(house, "bronze")).toContain("surge");
  });
});

describe("apply --backfill", () => {
  it("gives old rows the values that bronze has kept for the column, and silver with the next run", async () => {
    const house = await settled({ ...record("a"), extra: 7 } as ReturnType<typeof record>, record("b"));
    house.topic.send(0, { ...record("c"), extra: 9 });
    await house.bronze();
    expect(await applyManifest(house.under(wider), { backfill: true, rewriteManifest: false })).toMatchObject(
      {
        ...{ applied: true, backfill: { rows: 2, unfit: 0 } },
      },
    );
    expect(house.seen("bronze")).toEqual(["a=7", "b=1", "c=9"]);
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 3)]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
    await house.silver(undefined, house.under(wider));
    expect(house.seen("silver")).toEqual(["a=7", "b=1", "c=9"]);
    // The account is that of the rows that were written anew.
    expect((await house.bronze(false, house.under(wider))).job).toBeUndefined();
  });

  it("publishes nothing when a row is missing from what was written", async () => {
    const house = await settled({ ...record("a"), extra: 7 } as ReturnType<typeof record>, record("b"));
    await applyManifest(house.under(wider), { backfill: false, rewriteManifest: false });
    const before = await house.image();
    house.engine.distort = (_kind, rows) => rows.slice(1);
    expect(
      await problemOf(() => applyManifest(house.under(wider), { backfill: true, rewriteManifest: false })),
    ).toMatchObject({
      code: "audit_failed",
    });
    expect(await house.image()).toBe(before);
  });
});

describe("a table that another engine has partitioned anew", () => {
  it("is not written to, and apply gives it its partitions back: silver goes on with what is new", async () => {
    const house = await settled(record("a"), record("b", 1, tuesday));
    house.catalog.repartition(taxi.tables.silver, "pickup_date", "bucket[4](vendor_id)");
    house.topic.send(0, record("c", 1, tuesday));
    await expect(house.bronze()).rejects.toMatchObject({ code: "table_differs" });
    const before = await house.image();
    const { message, ...refused } = await problemOf(() => house.silver());
    expect(message).toBe(
      "silver.cleaned_trips is not as the manifest describes it: partitions: pickup_date, bucket[4](vendor_id), to be pickup_date",
    );
    expect(refused).toMatchObject({
      code: "table_differs",
      hint: "pipectl dataset diff shows what differs, pipectl dataset apply changes the tables",
    });
    expect(await house.image()).toBe(before);
    const rows = house.catalog.rows(taxi.tables.silver);
    const applied = await applyManifest(house.workspace, { backfill: false, rewriteManifest: false });
    expect(applied).toMatchObject({ applied: true, silverAnew: false });
    expect(applied.tables.flatMap(({ table, layout }) => layout.map(({ what }) => [table, what]))).toEqual([
      ["silver.cleaned_trips", "partitions"],
    ]);
    expect(partitionsOf(await house.table("silver"))).toEqual(["pickup_date"]);
    expect(house.catalog.rows(taxi.tables.silver)).toBe(rows);
    await house.bronze();
    expect((await house.silver()).dates).toEqual([tuesday]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "c=1"]);
  });
});
