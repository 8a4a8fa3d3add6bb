import { describe, expect, it } from "vitest";
import { failed } from "../../../../src/core/errors.js";
import { accountProperty } from "../../../../src/ledger/account.js";
import { silverStanding } from "../../../../src/pipeline/validate/silver-standing.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const record = (key: string, value = 1) => ({ key, value, date: "2026-01-05" });

/** Both streams run, over a silver that a batch run has made of `records`. */
async function streaming(...records: ReturnType<typeof record>[]) {
  const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
  house.topic.send(0, ...records);
  await house.bronze();
  await house.silver();
  await house.stream({ silver: true });
  return house;
}
type House = Awaited<ReturnType<typeof streaming>>;

const job = ({ flink }: House, kind: "bronze" | "silver") => flink.running(`pipectl streaming ${kind}`);
const checkpoint = (house: House) => {
  for (const kind of ["bronze", "silver"] as const) house.flink.checkpoint(job(house, kind));
};

describe("continuous silver", () => {
  it("takes what comes, and no key that silver had before it began", async () => {
    const house = await streaming(record("a"), record("b"));
    house.topic.send(0, record("a"), record("c"), record("c"));
    checkpoint(house);
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "c=1"]);
    expect((await house.silverState())?.paused).toBeUndefined();
  });

  it("begins on an empty pipeline", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    await house.stream({ silver: true });
    house.topic.send(0, record("a"), record("a"));
    checkpoint(house);
    expect(house.seen("silver")).toEqual(["a=1"]);
  });

  it("goes on from its savepoint", async () => {
    const house = await streaming(record("a"));
    await house.stop();
    house.topic.send(0, record("b"), record("a"));
    const { silver } = await house.stream({ silver: true });
    expect(silver?.state).toMatch(/savepoint/);
    checkpoint(house);
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
  });

  it("commits what it had read before it died: its successor takes the checkpoint over", async () => {
    const house = await streaming(record("a"));
    house.topic.send(0, record("b"));
    house.flink.checkpoint(job(house, "bronze"));
    house.flink.checkpoint(job(house, "silver"), "and dies before its commit");
    expect(house.seen("silver")).toEqual(["a=1"]);
    await house.stream({ silver: true });
    house.topic.send(0, record("c"), record("b"));
    checkpoint(house);
    expect(house.seen("silver")).toEqual(["a=1", "b=1", "c=1"]);
  });

  it("begins anew when bronze was rewritten: its state has read rows that are others now", async () => {
    const house = await streaming(record("a"));
    house.topic.send(0, record("b"));
    checkpoint(house);
    await house.stop();
    house.catalog.write(taxi.tables.bronze, {
      operation: "overwrite",
      change: (rows) => rows.map((row) => ({ ...row, record: { ...row.record, value: 2 } })),
    });
    await house.stream({ silver: true, acceptForeign: true });
    expect(house.seen("silver")).toEqual(["a=2", "b=2"]);
    house.topic.send(0, record("c"), record("a"));
    checkpoint(house);
    expect(house.seen("silver")).toEqual(["a=2", "b=2", "c=1"]);
  });

  it("begins anew when bronze was set back behind what its state has read", async () => {
    const house = await streaming(record("a"));
    house.topic.send(0, record("b"));
    checkpoint(house);
    const kept = house.catalog.head(taxi.tables.bronze) as string;
    house.topic.send(0, record("c"));
    checkpoint(house);
    await house.stop();
    house.catalog.setMain(taxi.tables.bronze, kept);
    house.topic.truncate(0, 3);
    await house.stream({ silver: true, acceptLoss: true });
    // Silver has no row that bronze has not.
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
  });

  it("is rid of what it had read when bronze was set back to where silver began", async () => {
    const house = await streaming(record("a"));
    const kept = house.catalog.head(taxi.tables.bronze) as string;
    house.topic.send(0, record("b"));
    checkpoint(house);
    await house.stop();
    house.catalog.setMain(taxi.tables.bronze, kept);
    const standing = async () =>
      silverStanding(
        { bronze: await house.table("bronze"), silver: await house.table("silver") },
        taxi,
        false,
      ).is;
    // Silver has a row that bronze has no longer, although bronze is where silver began.
    expect(await standing()).toBe("behind");
    await house.silver();
    expect(house.seen("silver")).toEqual(["a=1"]);
    expect(await standing()).toBe("made");
  });

  it("begins anew when silver was set back behind what it has appended", async () => {
    const house = await streaming(record("a"));
    const before = house.catalog.head(taxi.tables.silver) as string;
    house.topic.send(0, record("b"));
    checkpoint(house);
    await house.stop();
    house.catalog.setMain(taxi.tables.silver, before);
    await house.stream({ silver: true });
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
  });

  it("is refused where the last record of a key wins, before anything has begun", async () => {
    const dataset = { ...taxi, silver: { ...taxi.silver, wins: "last" as const } };
    const house = fakeHouse(root, { dataset, flags: { MODE: "streaming_bronze" } });
    expect(await problemOf(() => house.stream({ silver: true }))).toMatchObject({ code: "silver_rule" });
    expect(await house.flink.rest.jobs()).toEqual([]);
  });
});

describe("stop", () => {
  it("leaves the streams running where a newer pipectl has written the account: it could not record the savepoint", async () => {
    const house = await streaming(record("a"));
    const bronze = await house.table("bronze");
    await house.catalog.commit({
      id: bronze.id,
      assertRefs: { main: bronze.current?.id ?? null },
      setProperties: { [accountProperty]: JSON.stringify({ version: 99 }) },
    });
    expect(await problemOf(() => house.stop())).toMatchObject({ code: "state_newer" });
    expect([job(house, "bronze"), job(house, "silver")]).not.toContain(undefined);
  });

  it("records the savepoints of both, bronze first", async () => {
    const house = await streaming(record("a"));
    house.topic.send(0, record("b"));
    const { stopped } = await house.stop();
    expect(stopped.map(({ kind }) => kind)).toEqual(["bronze", "silver"]);
    expect((await house.account())?.stream?.stopped?.savepoint).toBe(stopped[0]?.savepoint);
    expect((await house.silverState())?.stream?.stopped?.savepoint).toBe(stopped[1]?.savepoint);
    // What bronze committed at its end, silver has taken.
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
    expect(await house.stop()).toEqual({ stopped: [] });
  });

  it("without a savepoint has the next stream go on from the last checkpoint", async () => {
    const house = await streaming(record("a"));
    house.topic.send(0, record("b"));
    checkpoint(house);
    house.topic.send(0, record("c"));
    const id = job(house, "bronze");
    await house.stop(true);
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
    expect((await house.stream()).state).toContain(`${id}/chk-1`);
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1", "c=1"]);
  });

  it("leaves a job that Flink cannot stop, and its mark, as they are", async () => {
    const house = await streaming(record("a"));
    const before = await house.image();
    house.flink.beforeStop = () => {
      throw failed("savepoint_failed", "no space left");
    };
    expect(await problemOf(() => house.stop())).toMatchObject({ code: "savepoint_failed" });
    expect(await house.image()).toBe(before);
    expect(job(house, "bronze")).toBeTruthy();
  });

  it("says so when the stop cannot be put on record: the job is counted at the next start", async () => {
    const house = await streaming(record("a"));
    house.catalog.beforeCommit = () => {
      throw failed("commit_conflict", "somebody else was quicker");
    };
    expect(await problemOf(() => house.stop())).toMatchObject({ code: "stop_unrecorded" });
    house.catalog.beforeCommit = () => {};
    house.topic.send(0, record("b"));
    await house.stream();
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
  });
});
