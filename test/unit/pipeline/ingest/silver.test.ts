import { describe, expect, it } from "vitest";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { landedPartition } from "../../../helpers/tables.js";

const root = temporaryProject();
const monday = "2026-01-05";
const record = (key: string, value = 1, date = monday) => ({ key, value, date });

describe("silver", () => {
  it("has each key of bronze once, run after run", async () => {
    const house = fakeHouse(root);
    house.topic.send(0, record("a"), record("b"), record("a"), { ...record("x"), bad: true });
    await house.bronze();
    expect(await house.silver()).toMatchObject({ total: 2, dates: undefined });
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
});
