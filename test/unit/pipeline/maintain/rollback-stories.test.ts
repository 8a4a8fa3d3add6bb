import { describe, expect, it } from "vitest";
import type { Tables } from "../../../../src/lake/tables.js";
import { replay } from "../../../../src/pipeline/dead-letters/replay.js";
import { planRollback, rollback } from "../../../../src/pipeline/maintain/rollback.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { landedPartition } from "../../../helpers/tables.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const record = (key: string, value = 1) => ({ key, value, date: "2026-01-05" });
const bad = (key: string) => ({ ...record(key), bad: true as const });

/** Two runs have landed one good record and one dead letter each. */
async function twoRuns(flags: Parameters<typeof fakeHouse>[1] = {}) {
  const house = fakeHouse(root, { partitions: 1, ...flags });
  house.topic.send(0, record("a"), bad("x"));
  await house.bronze();
  await house.silver();
  const first = headsOf(house);
  house.topic.send(0, record("b"), bad("y"));
  await house.bronze();
  await house.silver();
  return { house, first, second: headsOf(house) };
}
type House = Awaited<ReturnType<typeof twoRuns>>["house"];

const headsOf = ({ catalog }: Pick<ReturnType<typeof fakeHouse>, "catalog">) => ({
  bronze: catalog.head(taxi.tables.bronze) as string,
  dlq: catalog.head(taxi.tables.dlq) as string,
  silver: catalog.head(taxi.tables.silver) as string,
});
const setTo = async ({ workspace }: House, kind: keyof Tables, to: string) => {
  const plan = await planRollback(workspace, kind, to);
  await rollback(workspace, kind, plan);
  return plan;
};
const whole = [landedPartition(0, 4, { dlq: 2 })];

describe("after a rollback", () => {
  it.each([
    ["bronze", { recount: true, silverAnew: true }],
    ["dlq", { recount: true, silverAnew: false }],
    ["silver", { recount: false, silverAnew: true }],
  ] as const)("of %s the next run makes everything good again", async (kind, follows) => {
    const { house, first } = await twoRuns();
    expect(await setTo(house, kind, first[kind])).toMatchObject({ direction: "back", ...follows });
    expect(headsOf(house)[kind]).toBe(first[kind]);
    await house.bronze();
    await house.silver();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
    expect(house.seen("dlq")).toEqual(["x=1", "y=1"]);
    expect(house.seen("silver")).toEqual(["a=1", "b=1"]);
    expect((await house.account())?.partitions).toEqual(whole);
  });

  it("and one forward nothing is to be done", async () => {
    const { house, first, second } = await twoRuns();
    const before = await house.image();
    await setTo(house, "bronze", first.bronze);
    expect(await setTo(house, "bronze", second.bronze)).toMatchObject({
      ...{ direction: "forward", recount: false, silverAnew: false },
    });
    expect(await house.image()).toBe(before);
    expect((await house.bronze()).job).toBeUndefined();
  });

  it("records that Kafka no longer has are gone, and it says how many before", async () => {
    const { house, first } = await twoRuns();
    house.topic.truncate(0, 3);
    expect(await planRollback(house.workspace, "bronze", first.bronze)).toMatchObject({ gone: 1 });
    await setTo(house, "bronze", first.bronze);
    expect(await problemOf(() => house.bronze())).toMatchObject({ code: "records_lost" });
    await house.bronze(true);
    expect((await house.account())?.partitions).toEqual([landedPartition(0, 4, { dlq: 2, lost: 1 })]);
  });

  it("no stream goes on from a savepoint that has read what is gone", async () => {
    const house = fakeHouse(root, { partitions: 1, flags: { MODE: "streaming_bronze" } });
    house.topic.send(0, record("a"));
    await house.stream();
    house.flink.checkpoint(house.flink.running("pipectl streaming bronze"));
    const first = house.catalog.head(taxi.tables.bronze) as string;
    house.topic.send(0, record("b"));
    await house.stop();
    expect(await setTo(house, "bronze", first)).toMatchObject({ streamsForgotten: 1 });
    // Also once the snapshots that were left have been expired, and nothing tells of them any more.
    const { snapshots } = await house.table("bronze");
    house.catalog.expire(taxi.tables.bronze, ...snapshots.map(({ id }) => id).filter((id) => id !== first));
    expect(await house.stream()).toMatchObject({ state: null });
    await house.stop();
    expect(house.seen("bronze")).toEqual(["a=1", "b=1"]);
  });
});

describe("no rollback", () => {
  it("of the dead letters alone behind a replay: their records would be in both tables", async () => {
    const { house, second } = await twoRuns();
    house.engine.readable = () => true;
    await replay(house.workspace, false);
    expect(await problemOf(() => planRollback(house.workspace, "dlq", second.dlq))).toMatchObject({
      code: "replay_between",
    });
  });

  it("of what somebody has moved since it was looked at", async () => {
    const { house, first } = await twoRuns();
    const plan = await planRollback(house.workspace, "bronze", first.bronze);
    house.topic.send(0, record("c"));
    await house.bronze();
    const before = await house.image();
    expect(await problemOf(() => rollback(house.workspace, "bronze", plan))).toMatchObject({
      code: "commit_conflict",
    });
    expect(await house.image()).toBe(before);
  });
});
