import { describe, expect, it } from "vitest";
import type { RollbackPlan } from "../../../src/pipeline/maintain/rollback-plan.js";
import type { SnapshotLine } from "../../../src/pipeline/maintain/snapshots.js";
import { planView, rolledBackView, snapshotsView } from "../../../src/ui/snapshots-view.js";

const line: SnapshotLine = {
  ...{ id: "42", parentId: "41", committedAt: "2026-01-31T12:00:00.123Z", operation: "append" },
  ...{ rowsAdded: 1_000, rowsRemoved: 0, rows: 5_000, files: 3 },
  writer: { job: null, engine: null },
  ...{ current: false, refs: [], inHistory: true, neededBy: [] },
};
const cells = (one: Partial<SnapshotLine>) =>
  snapshotsView([{ table: "bronze.raw_trips", snapshots: [{ ...line, ...one }], more: 0 }])
    .split("\n")[2]
    ?.split(/ {2,}/);

describe("snapshotsView", () => {
  it("shows who wrote one, as far as that is known", () => {
    expect(cells({})).toEqual(["42", "2026-01-31 12:00:00", "append", "1,000", "0", "5,000", "3", "unknown"]);
    expect(cells({ writer: { job: null, engine: "spark 4.0" } })?.[7]).toBe("spark 4.0");
    expect(cells({ writer: { job: "ab", engine: "flink 2.1.0" } })?.[7]).toBe("job ab");
  });

  it("marks it", () => {
    const marks = { current: true, refs: ["main", "audit"], neededBy: ["the account"] };
    expect(cells(marks)?.[8]).toBe("current, audit, for the account");
    expect(cells({ inHistory: false })?.[8]).toBe("not in the history");
  });

  it("says how many more there are, and of what there is none", () => {
    expect(snapshotsView([{ table: "t", snapshots: [line], more: 2 }])).toMatch(
      /\nand 2 older ones: --limit 3$/,
    );
    expect(snapshotsView([{ table: "t", snapshots: [], more: 0 }])).toBe("t: nothing was ever written to it");
    expect(snapshotsView([])).toContain("pipectl process");
  });
});

const plan: RollbackPlan = {
  ...{ table: "bronze.raw_trips", direction: "back" },
  from: { id: "42", committedAt: "2026-01-31T12:00:00.123Z", rows: 5_000 },
  to: { id: "40", committedAt: "2026-01-30T12:00:00.123Z", rows: 3_000 },
  ...{
    snapshots: 2,
    recount: false,
    silverAnew: false,
    streamsForgotten: 0,
    gone: 0,
    next: "pipectl process",
  },
};

describe("planView", () => {
  it("says what goes out of sight, and what comes back", () => {
    expect(planView(plan).split("\n  ")).toEqual([
      "bronze.raw_trips: back from snapshot 42 of 2026-01-31T12:00:00.123Z to 40 of 2026-01-30T12:00:00.123Z",
      "2 snapshots out of sight; 5,000 rows are 3,000 then",
    ]);
    expect(planView({ ...plan, direction: "forward" })).toContain("2 snapshots back in sight");
    expect(planView({ ...plan, direction: "none" })).toContain("already");
  });

  it.each([
    [{ recount: true }, "counts every row"],
    [{ silverAnew: true }, "makes silver anew"],
    [{ streamsForgotten: 1 }, "not at their savepoints"],
    [{ gone: 7 }, "no longer has 7 records"],
    [{ gone: null }, "nobody can tell"],
  ])("%j is said, and only then", (more, text) => {
    expect(planView({ ...plan, ...more })).toContain(text);
    expect(planView(plan)).not.toContain(text);
  });
});

it("afterwards it says what to run next, and how to undo it", () => {
  const text = rolledBackView(plan, "bronze");
  expect(text).toContain("next    pipectl process\n");
  expect(text).toContain("pipectl rollback bronze --to 42 ");
});
