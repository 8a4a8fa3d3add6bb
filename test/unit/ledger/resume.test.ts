import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/iceberg/catalog.js";
import type { StreamMark } from "../../../src/lake/stream-mark.js";
import { nextMark, whereToStart } from "../../../src/ledger/resume.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";

const mark: StreamMark = { run: "s", jobs: ["j1", "j2"], topology: "t" };
const checkpoint = (id: number) => ({ id, path: `file:///c/j2/chk-${id}` });

/** A table whose last snapshots the jobs' checkpoints have committed. */
const committed = (base: string, ...by: [job: string, checkpoint: number][]) => {
  const snapshots: Snapshot[] = [snapshot(base, null)];
  for (const [job, id] of by) {
    const summary = { "flink.job-id": job, "flink.max-committed-checkpoint-id": String(id) };
    snapshots.push(snapshot(`${base}${snapshots.length}`, (snapshots.at(-1) as Snapshot).id, { summary }));
  }
  return icebergTable(snapshots);
};

const stopped = { at: "2026-01-31T12:00:00.000Z", savepoint: "file:///s" };
const none = { bronze: icebergTable() };

const start = (
  more: Partial<StreamMark>,
  checkpoints: number[] = [],
  bronze = committed("1"),
  dlq = committed("2"),
) => whereToStart({ ...mark, ...more }, { bronze, dlq }, "t", checkpoints.map(checkpoint));

describe("whereToStart", () => {
  it("takes over the savepoint that it was stopped with", () => {
    expect(start({ stopped }, [3], committed("1", ["j2", 4]))).toEqual({
      ...{ from: "state", path: "file:///s", pending: false },
    });
  });

  it("takes over the newest checkpoint, whichever of the two tables it has reached", () => {
    const at = { from: "state", path: "file:///c/j2/chk-4", pending: true };
    expect(start({}, [4, 3], committed("1", ["j2", 4]), committed("2", ["j2", 3]))).toEqual(at);
    expect(start({}, [4, 3], committed("1", ["j2", 3]))).toEqual(at);
    expect(start({}, [4], committed("1", ["j1", 90]))).toEqual(at);
    expect(start({ stopped: { ...stopped, savepoint: null } }, [4])).toEqual(at);
  });

  it("takes no checkpoint over that is older than what a table holds: its rows would come twice", () => {
    expect(start({}, [3], committed("1", ["j2", 3]), committed("2", ["j2", 4]))).toEqual({
      from: "tables",
      why: "the newest checkpoint is 3, but the tables hold what checkpoint 4 committed",
    });
    expect(start({ restored: "file:///old" }, [], committed("1", ["j2", 1]))).toEqual({
      from: "tables",
      why: "no checkpoint is left, but the tables hold what checkpoint 1 committed",
    });
  });

  it("takes nothing over where another tool has expired what the job committed: its sink would ask for it for ever", () => {
    const known = { committed: { bronze: 0, dlq: 7 } };
    expect(start({ ...known, stopped }, [8], committed("1", ["j2", 7]))).toEqual({
      from: "tables",
      why: "dlq no longer has the snapshot of checkpoint 7: another tool has expired it",
    });
    expect(start({ ...known, stopped }, [8], committed("1"), committed("2", ["j2", 7]))).toMatchObject({
      from: "state",
    });
  });

  it("goes back to what the last job was to go on from, when that ended before it did anything", () => {
    expect(start({ restored: "file:///s" })).toEqual({ from: "state", path: "file:///s", pending: true });
    expect(start({})).toMatchObject({
      from: "tables",
      why: "the last stream left no checkpoint",
    });
    // Upkeep has moved up from there since, and expired what came before.
    expect(start({ restored: "file:///s", committed: { bronze: 0, dlq: 0 } })).toMatchObject({
      from: "tables",
    });
  });

  it("begins where the tables end after a batch run, and when the job has changed", () => {
    expect(whereToStart(undefined, none, "t", [])).toMatchObject({ from: "tables" });
    expect(start({ topology: "other" }, [3])).toMatchObject({ from: "tables" });
  });
});

describe("nextMark", () => {
  const next = { run: "n", topology: "t" };
  const before = { ...mark, stopped };
  const path = "file:///s";

  it("keeps the jobs before while they may have rows pending, and forgets how they ended", () => {
    expect(nextMark(before, { from: "state", path, pending: true }, "j3", next)).toEqual({
      ...next,
      jobs: ["j1", "j2", "j3"],
      restored: path,
    });
  });

  it("forgets them when all that they appended is counted", () => {
    const counted = { ...next, jobs: ["j3"] };
    expect(nextMark(before, { from: "state", path, pending: false }, "j3", next)).toEqual({
      ...counted,
      restored: path,
    });
    expect(nextMark(before, { from: "tables", why: "" }, "j3", next)).toEqual(counted);
  });

  it("has only itself where a state is taken over of which no mark is left", () => {
    expect(nextMark(undefined, { from: "state", path, pending: true }, "j3", next)).toEqual({
      ...{ ...next, jobs: ["j3"], restored: path },
    });
  });

  it("was restored from nothing where it begins with what the tables hold", () => {
    expect(nextMark(before, { from: "tables", why: "" }, "j3", next)).not.toHaveProperty("restored");
  });
});
