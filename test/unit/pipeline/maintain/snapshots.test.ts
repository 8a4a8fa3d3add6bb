import { describe, expect, it } from "vitest";
import { silverProperty } from "../../../../src/ledger/silver-state.js";
import { listOf } from "../../../../src/pipeline/maintain/snapshots.js";
import { accountOf, icebergTable, snapshot, withAccount } from "../../../helpers/tables.js";

const at = (second: number) => ({ timestampMs: 1_700_000_000_000 + 1_000 * second });
const streamed = (checkpoint: number) => ({
  "flink.job-id": "j1",
  "flink.max-committed-checkpoint-id": String(checkpoint),
});
const stream = { run: "s", jobs: ["j1"], topology: "t" };
const figures = {
  "added-records": "5",
  "deleted-records": "2",
  "total-records": "9",
  "total-data-files": "3",
};

/** 1 and 2 by batch runs, 3 and 4 by a stream, 5 a compaction; 2b was set back from, or its run was killed. */
const bronze = icebergTable(
  [
    snapshot("1", null, at(1)),
    snapshot("2b", "1", at(2)),
    snapshot("2", "1", {
      ...at(3),
      summary: { ...figures, "engine-name": "spark", "engine-version": "4.0" },
    }),
    snapshot("3", "2", { ...at(4), summary: streamed(7) }),
    snapshot("4", "3", { ...at(5), summary: streamed(8) }),
    snapshot("5", "4", { ...at(6), operation: "replace", summary: figures }),
  ],
  {
    refs: { main: "5", pipectl_x: "2b", audit: "2" },
    properties: withAccount(accountOf({ bronzeSnapshot: "2", dlqSnapshot: null, stream })),
  },
);
const silver = icebergTable([], {
  properties: {
    [silverProperty]: JSON.stringify({ version: 1, bronzeSnapshot: "3", silverSnapshot: null, rules: "r" }),
  },
});

const lines = (limit = 20) => listOf("bronze", { bronze, silver }, limit).snapshots;
const line = (id: string) => lines().find((one) => one.id === id);

describe("the snapshots of a table", () => {
  it("are listed from the newest on, and what is left out is counted", () => {
    expect(lines().map(({ id }) => id)).toEqual(["5", "4", "3", "2", "2b", "1"]);
    expect(listOf("bronze", { bronze, silver }, 2)).toMatchObject({
      table: "bronze.raw_trips",
      snapshots: [{ id: "5" }, { id: "4" }],
      more: 4,
    });
    expect(listOf("silver", { bronze, silver }, 2)).toMatchObject({ snapshots: [], more: 0 });
  });

  it("of two in the same millisecond, that which was committed last is the newer one", () => {
    const twins = icebergTable([snapshot("1", null), snapshot("2", "1")]);
    expect(listOf("dlq", { dlq: twins }, 9).snapshots.map(({ id }) => id)).toEqual(["2", "1"]);
  });

  it("have what their commit says of rows, files and writer", () => {
    expect(line("2")).toMatchObject({
      ...{ parentId: "1", committedAt: "2023-11-14T22:13:23.000Z", operation: "append" },
      ...{ rowsAdded: 5, rowsRemoved: 2, rows: 9, files: 3 },
      writer: { job: null, engine: "spark 4.0" },
    });
    expect(line("3")?.writer).toEqual({ job: "j1", engine: null });
  });

  it("that replace files add and remove no row", () => {
    expect(line("5")).toMatchObject({ rowsAdded: 0, rowsRemoved: 0, rows: 9 });
  });

  it("are marked: the current one, its history, branches and tags", () => {
    expect(lines().filter(({ current }) => current)).toMatchObject([{ id: "5", refs: ["main"] }]);
    expect(lines().filter(({ inHistory }) => !inHistory)).toMatchObject([{ id: "2b", refs: ["pipectl_x"] }]);
    expect(line("2")?.refs).toEqual(["audit"]);
  });

  it("say who needs them: the account, silver, and of a stream only the last checkpoint", () => {
    expect(lines().map(({ id, neededBy: requiredBy }) => [id, requiredBy])).toEqual([
      ["5", []],
      ["4", ["the stream's last checkpoint", "the last run"]],
      ["3", ["silver"]],
      ["2", ["the account"]],
      ["2b", []],
      ["1", []],
    ]);
  });
});
