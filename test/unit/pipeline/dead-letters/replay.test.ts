import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import { replay } from "../../../../src/pipeline/dead-letters/replay.js";
import type { Row } from "../../../helpers/fakes/batch-jobs.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { landedPartition } from "../../../helpers/tables.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const record = (key: string, value = 1) => ({ key, value, date: "2026-01-05" });
const bad = (key: string, value = 1) => ({ ...record(key, value), bad: true as const });

/** Two partitions have landed, with dead letters `x`, `y` and `z`; the manifest has changed since, and reads all but `z`. */
async function mended(more: Parameters<typeof fakeHouse>[1] = {}) {
  const house = fakeHouse(root, more);
  house.topic.send(0, record("a"), bad("x"), record("b"), bad("z"));
  house.topic.send(1, bad("y"), record("c"));
  await house.bronze();
  house.engine.readable = ({ key }) => key !== "z";
  return house;
}

const place = ({ incarnation, partition, offset }: Row) => [incarnation, partition, offset];

describe("replay", () => {
  it("takes what can be read by now to bronze, with its place in Kafka, and leaves the rest", async () => {
    const house = await mended();
    const letters = house.catalog.rows(taxi.tables.dlq).filter(({ record: { key } }) => key !== "z");
    expect(await replay(house.workspace, false)).toMatchObject({
      ...{ examined: 3, replayed: 2, left: 1, restarted: [] },
      partitions: [
        { incarnation: 0, partition: 0, replayed: 1 },
        { incarnation: 0, partition: 1, replayed: 1 },
      ],
    });
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1", "x=1", "y=1"]);
    expect(house.seen("dlq")).toEqual(["z=1"]);
    const moved = house.catalog
      .rows(taxi.tables.bronze)
      .filter(({ record: { key } }) => ["x", "y"].includes(key));
    expect(moved.map(place)).toEqual(letters.map(place));
    expect((await house.account())?.partitions).toEqual([
      landedPartition(0, 4, { dlq: 1 }),
      landedPartition(1, 2),
    ]);
  });

  it("finds nothing to do the second time, and the next run nothing to count", async () => {
    const house = await mended();
    await replay(house.workspace, false);
    const before = await house.image();
    expect(await replay(house.workspace, false)).toMatchObject({ examined: 1, replayed: 0, left: 1 });
    expect((await house.bronze()).job).toBeUndefined();
    expect(await house.image()).toBe(before);
  });

  it("changes nothing as a dry run", async () => {
    const house = await mended();
    const before = await house.image();
    expect(await replay(house.workspace, true)).toMatchObject({ examined: 3, replayed: 2, left: 1 });
    expect(await house.image()).toBe(before);
  });

  it("empties a partition of which no dead letter stays", async () => {
    const house = await mended();
    house.engine.readable = () => true;
    await replay(house.workspace, false);
    expect(house.seen("dlq")).toEqual([]);
  });

  it.each([
    ["a dead letter goes to neither table", "dlq"],
    ["one comes to bronze twice", "bronze"],
  ] as const)("publishes nothing when %s", async (_what, kind) => {
    const house = await mended();
    const before = await house.image();
    house.engine.distort = (of, rows) =>
      of === kind ? (kind === "dlq" ? [] : [...rows, { ...(rows[0] as Row) }]) : rows;
    expect(await problemOf(() => replay(house.workspace, false))).toMatchObject({ code: "audit_failed" });
    expect(await house.image()).toBe(before);
  });

  it("moves nothing while the tables have a hole: its rows would be taken twice", async () => {
    const house = await mended();
    house.catalog.write(taxi.tables.bronze, {
      operation: "overwrite",
      change: (rows) => rows.filter(({ record: { key } }) => key !== "a"),
    });
    const before = await house.image();
    expect(await problemOf(() => replay(house.workspace, false))).toMatchObject({ code: "rows_missing" });
    expect(await house.image()).toBe(before);
    await house.bronze();
    await replay(house.workspace, false);
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1", "x=1", "y=1"]);
  });

  it("is finished by the next run when it died between its two commits", async () => {
    const house = await mended();
    house.catalog.beforeCommit = ({ id, setRefs }) => {
      if (id.table === taxi.tables.dlq.table && setRefs?.main !== undefined)
        throw unavailable("catalog_error", "the catalog is gone");
    };
    expect(await problemOf(() => replay(house.workspace, false))).toMatchObject({
      code: "publication_unfinished",
    });
    // For a moment they are in both.
    expect(house.seen("dlq")).toEqual(["x=1", "y=1", "z=1"]);
    house.catalog.beforeCommit = () => {};
    await house.bronze();
    expect(house.seen("dlq")).toEqual(["z=1"]);
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1", "x=1", "y=1"]);
  });

  it("stops a stream for as long, which goes on without a record twice", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"), bad("x"));
    await house.stream();
    house.flink.checkpoint(house.flink.running("pipectl streaming bronze"));
    house.engine.readable = () => true;
    house.topic.send(0, record("b"));
    expect((await replay(house.workspace, false)).restarted).toMatchObject([{ kind: "bronze" }]);
    // It begins at the account's offsets, and looks for no savepoint: there is none any more.
    expect(house.workspace.events.filter(({ type }) => type === "warning")).toEqual([]);
    house.topic.send(0, record("c"));
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1", "x=1"]);
    expect(house.seen("dlq")).toEqual([]);
    expect((await house.bronze()).job).toBeUndefined();
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 4)]);
  });

  it("brings no correction where the last one wins: what was sent earlier stays behind", async () => {
    const house = fakeHouse(root, { dataset: { ...taxi, silver: { ...taxi.silver, wins: "last" } } });
    house.topic.send(0, bad("a", 1), record("a", 2));
    await house.bronze();
    await house.silver();
    house.engine.readable = () => true;
    await replay(house.workspace, false);
    await house.silver();
    expect(house.seen("bronze")).toEqual(["a=1", "a=2"]);
    expect(house.seen("silver")).toEqual(["a=2"]);
  });
});
