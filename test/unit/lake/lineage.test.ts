import { describe, expect, it } from "vitest";
import {
  ancestorsOf,
  appendedSince,
  hasAncestor,
  hasForgotten,
  isSetBack,
  jobOf,
  keepsSnapshot,
  lastCheckpointIn,
  partitionSummaries,
  sameRows,
} from "../../../src/lake/lineage.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";

const append = snapshot("1", null);
const compaction = snapshot("2", "1", { operation: "replace" });
const secondCompaction = snapshot("3", "2", { operation: "replace" });

describe("sameRows", () => {
  it.each([
    ["the snapshot itself", [append], "1", true],
    ["a compaction of it", [append, compaction], "1", true],
    ["two compactions of it", [append, compaction, secondCompaction], "1", true],
    ["the compaction that was recorded", [append, compaction, secondCompaction], "2", true],
    ["an append after it", [append, snapshot("2", "1")], "1", false],
    ["an append under a compaction", [append, snapshot("2", "1"), secondCompaction], "1", false],
    ["an overwrite after it", [append, snapshot("2", "1", { operation: "overwrite" })], "1", false],
    ["a delete after it", [append, snapshot("2", "1", { operation: "delete" })], "1", false],
    ["a compaction whose parent has expired", [compaction], "1", false],
    ["no snapshot, none recorded", [], null, true],
    ["no snapshot, one recorded", [], "1", false],
    ["a snapshot, none recorded", [append], null, false],
  ])("%s", (_name, snapshots, recorded, same) => {
    expect(sameRows(icebergTable(snapshots), recorded)).toBe(same);
  });

  it("counts every append where nobody is looked for", () => {
    const ids = appendedSince(icebergTable([append, snapshot("2", "1"), snapshot("3", "2")]), "1");
    expect(ids?.map(({ id }) => id)).toEqual(["3", "2"]);
  });

  it("looks at what readers see, not at a branch", () => {
    expect(
      sameRows(icebergTable([append, snapshot("2", "1")], { refs: { main: "1", pipectl_x: "2" } }), "1"),
    ).toBe(true);
  });
});

describe("appendedSince", () => {
  const by = (job: string, id: string, parent: string) =>
    snapshot(id, parent, { summary: { "flink.job-id": job } });
  const idsOf = (snapshots: Parameters<typeof icebergTable>[0], since: string | null) =>
    appendedSince(icebergTable(snapshots), since, (one) => ["j1", "j2"].includes(jobOf(one)))?.map(
      ({ id }) => id,
    );

  it("is what the known jobs have appended, newest first, compactions left out", () => {
    const third = snapshot("3", "2", { operation: "replace" });
    expect(idsOf([append, by("j1", "2", "1"), third, by("j2", "4", "3")], "1")).toEqual(["4", "2"]);
    expect(idsOf([append], "1")).toEqual([]);
    expect(idsOf([by("j1", "1", null as never)], null)).toEqual(["1"]);
  });

  it.each([
    ["another job's append", [append, by("other", "2", "1"), by("j1", "3", "2")], "1"],
    ["an append of nobody's", [append, snapshot("2", "1")], "1"],
    ["an overwrite", [append, snapshot("2", "1", { operation: "overwrite" })], "1"],
    ["a snapshot that is not in the history", [append, by("j1", "2", "1")], "9"],
    ["an append whose parent has expired", [by("j1", "2", "1")], null],
  ] as const)("is nothing after %s", (_what, snapshots, since) => {
    expect(idsOf(snapshots, since)).toBeUndefined();
  });
});

describe("isSetBack", () => {
  const by = (job: string, id: string, parent: string) =>
    snapshot(id, parent, { summary: { "flink.job-id": job } });
  const snapshots = [append, by("j1", "2", "1"), by("j1", "3", "2")];

  it("is true when something that one of the jobs has appended is not in the table's history", () => {
    expect(isSetBack(icebergTable(snapshots), ["j1"])).toBe(false);
    expect(isSetBack(icebergTable(snapshots, { refs: { main: "2" } }), ["j1"])).toBe(true);
    expect(isSetBack(icebergTable(snapshots, { refs: { main: "2" } }), ["other"])).toBe(false);
    expect(isSetBack(icebergTable(), ["j1"])).toBe(false);
  });
});

describe("hasForgotten", () => {
  const at = (id: string, parent: string | null, timestampMs: number) =>
    snapshot(id, parent, { timestampMs });
  const table = (main: string) =>
    icebergTable([at("1", null, 10), at("2", "1", 20), at("3", "2", 30), at("4", "2", 40)], {
      refs: { main },
    });

  it("sees what is in the history no more, and came after a snapshot", () => {
    expect(hasForgotten(table("4"), "2")).toBe(true);
    expect(hasForgotten(table("2"), "1")).toBe(true);
    expect(hasForgotten(table("4"), "4")).toBe(false);
    // Written in the same millisecond as the snapshot, beside it.
    expect(hasForgotten(table("4"), "3")).toBe(true);
    expect(hasForgotten(icebergTable([at("1", null, 10), at("2", "1", 20)]), null)).toBe(false);
    expect(hasForgotten(icebergTable(), null)).toBe(false);
  });
});

describe("the history of a table", () => {
  const table = icebergTable([append, snapshot("2", "1"), snapshot("3", "1"), snapshot("4", "2")], {
    refs: { main: "4", pipectl_x: "3" },
  });

  it.each([
    ["the table before anything was written", "4", null, true],
    ["the snapshot itself", "4", "4", true],
    ["its parent's parent", "4", "1", true],
    ["what was written beside it", "4", "3", false],
    ["what came after it", "1", "2", false],
    ["a branch's own", "3", "1", true],
    ["a snapshot that the table does not keep", "4", "9", false],
  ])("hasAncestor: %s", (_what, at, ancestor, has) => {
    expect(hasAncestor(table, at, ancestor)).toBe(has);
  });

  it.each([
    ["none", null, true],
    ["one of its history", "2", true],
    ["one of a branch", "3", true],
    ["one that has expired", "9", false],
  ])("keepsSnapshot: %s", (_what, id, keeps) => {
    expect(keepsSnapshot(table, id)).toBe(keeps);
  });

  it("goes back as far as the table keeps it, newest first", () => {
    const ids = (one: typeof table) => ancestorsOf(one).map(({ id }) => id);
    expect(ids(table)).toEqual(["4", "2", "1"]);
    expect(ids(icebergTable([snapshot("4", "2"), snapshot("5", "4")]))).toEqual(["5", "4"]);
    expect(ids(icebergTable())).toEqual([]);
  });
});

describe("lastCheckpointIn", () => {
  const by = (job: string, checkpoint: string | undefined, id: string, parent: string) =>
    snapshot(id, parent, {
      summary: {
        "flink.job-id": job,
        ...(checkpoint === undefined ? {} : { "flink.max-committed-checkpoint-id": checkpoint }),
      },
    });
  const table = icebergTable(
    [
      append,
      by("j1", "9", "2", "1"),
      by("j2", "4", "3", "2"),
      by("j1", undefined, "5", "3"),
      by("j2", "8", "6", "3"),
    ],
    { refs: { main: "5", pipectl_x: "6" } },
  );

  it.each([
    ["the highest of the job, whatever it wrote last", "j1", 9],
    ["that of another job, in the table's history only", "j2", 4],
    ["none of a job that wrote nothing", "j3", 0],
    ["none of no job", "", 0],
  ])("is %s", (_what, job, checkpoint) => {
    expect(lastCheckpointIn(table, job)).toBe(checkpoint);
  });
});

it("reads of a summary what is said of Kafka partitions, and nothing else", () => {
  const summary = {
    "added-records": "3",
    "partitions.kafka_partition=0": "added-records=1",
    "partitions.kafka_partition=17": "added-records=2",
    "partitions.kafka_partition=17/x=1": "added-records=4",
    "old.partitions.kafka_partition=3": "added-records=8",
  };
  expect(partitionSummaries(snapshot("1", null, { summary }))).toEqual([
    [0, "added-records=1"],
    [17, "added-records=2"],
  ]);
});
