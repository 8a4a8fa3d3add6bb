import { describe, expect, it } from "vitest";
import { failed, unavailable } from "../../../src/core/errors.js";
import type { IcebergCatalog, TableChange } from "../../../src/iceberg/catalog.js";
import {
  abandon,
  beginBranches,
  branchOf,
  branchWork,
  dropBranches,
  publication,
} from "../../../src/pipeline/branches.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

const branch = branchOf("20260101T120000-ab12");
const base = snapshot("1", null);
const first = snapshot("2", "1");
const second = snapshot("3", "2");

/** A catalog that has one table, and remembers the commits. */
function catalogOf(table = icebergTable()) {
  const commits: (readonly TableChange[])[] = [];
  const catalog = {
    table: async () => table,
    commit: async (changes: readonly TableChange[]) => void commits.push(changes),
  } as unknown as IcebergCatalog;
  return { catalog, commits };
}

it("names a branch after its run, without a character that SQL would stumble over", () => {
  expect(branch).toBe("pipectl_20260101T120000_ab12");
});

describe("beginBranches", () => {
  it("puts the branch where readers are, only if they are still there", async () => {
    const { catalog, commits } = catalogOf();
    const table = icebergTable([base]);
    await beginBranches(catalog, [table], branch);
    expect(commits).toEqual([
      [{ id: table.id, assertRefs: { main: "1" }, removeRefs: [], setRefs: { [branch]: "1" } }],
    ]);
  });

  it("drops what killed runs left, and no branch or tag of anybody else", async () => {
    const { catalog, commits } = catalogOf();
    const refs = { main: "1", pipectl_old: "2", audit: "1", "v1.0": "1" };
    await beginBranches(catalog, [icebergTable([base, first], { refs })], branch);
    expect(commits[0]?.[0]?.removeRefs).toEqual(["pipectl_old"]);
  });

  it("leaves an empty table to the first write, but drops what is stale", async () => {
    const { catalog, commits } = catalogOf();
    const stale = icebergTable([first], { refs: { pipectl_old: "2" } });
    await beginBranches(catalog, [icebergTable(), stale], branch);
    expect(commits).toEqual([[{ id: stale.id, assertRefs: { main: null }, removeRefs: ["pipectl_old"] }]]);
  });
});

describe("branchWork", () => {
  const before = icebergTable([base]);
  const now = (...args: Parameters<typeof icebergTable>) => branchWork(before, icebergTable(...args), branch);

  it("is what the branch has and main had not, newest first", () => {
    const work = now([base, first, second], { refs: { main: "1", [branch]: "3" } });
    expect(work.snapshots.map(({ id }) => id)).toEqual(["3", "2"]);
    expect(work.head).toBe("3");
  });

  it("is nothing when the run wrote nothing, or made no branch", () => {
    expect(now([base], { refs: { main: "1", [branch]: "1" } })).toMatchObject({ snapshots: [], head: "1" });
    expect(now([base])).toMatchObject({ snapshots: [], head: "1" });
  });

  it("begins from nothing in a table that had no snapshot", () => {
    const work = branchWork(icebergTable(), icebergTable([base, first], { refs: { [branch]: "2" } }), branch);
    expect(work.snapshots.map(({ id }) => id)).toEqual(["2", "1"]);
    expect(branchWork(icebergTable(), icebergTable(), branch)).toMatchObject({ snapshots: [], head: null });
  });
});

describe("publication", () => {
  it("moves main to the branch's head, removes the branch and sets properties, if main has not moved", () => {
    const before = icebergTable([base]);
    const work = branchWork(
      before,
      icebergTable([base, first], { refs: { main: "1", [branch]: "2" } }),
      branch,
    );
    expect(publication(before, work, branch, { "pipectl.account": "{}" })).toEqual({
      id: before.id,
      assertRefs: { main: "1" },
      setRefs: { main: "2" },
      removeRefs: [branch],
      setProperties: { "pipectl.account": "{}" },
    });
  });

  it("moves nothing where nothing was written, and still asserts", () => {
    const before = icebergTable([base]);
    const unchanged = branchWork(
      before,
      icebergTable([base], { refs: { main: "1", [branch]: "1" } }),
      branch,
    );
    expect(publication(before, unchanged, branch, {})).toEqual({
      id: before.id,
      assertRefs: { main: "1" },
      removeRefs: [branch],
    });
    const empty = icebergTable();
    expect(publication(empty, branchWork(empty, empty, branch), branch, {})).toEqual({
      id: empty.id,
      assertRefs: { main: null },
    });
  });

  it("creates main for the first rows of a table", () => {
    const before = icebergTable();
    const work = branchWork(before, icebergTable([base], { refs: { [branch]: "1" } }), branch);
    expect(publication(before, work, branch, {})).toMatchObject({
      assertRefs: { main: null },
      setRefs: { main: "1" },
    });
  });
});

describe("dropBranches", () => {
  it("removes the branch if it has not moved, and does nothing where it is not", async () => {
    const table = icebergTable([base, first], { refs: { main: "1", [branch]: "2" } });
    const there = catalogOf(table);
    await dropBranches(there.catalog, [table], branch);
    expect(there.commits).toEqual([[{ id: table.id, assertRefs: { [branch]: "2" }, removeRefs: [branch] }]]);
    const absent = catalogOf(icebergTable([base]));
    await dropBranches(absent.catalog, [table], branch);
    expect(absent.commits).toEqual([]);
  });
});

describe("abandon", () => {
  const nobody = "http://127.0.0.1:9";
  const endpoints = { kafka: "", flink: nobody, gateway: nobody, catalog: nobody, warehouse: "file:///w" };
  const words = async (publication: { asked: boolean; error: unknown }) => {
    const workspace = workspaceOf({ runtime: { endpoints } });
    await abandon(workspace, [icebergTable()], "pipectl_r1", publication);
    return workspace.events;
  };

  it("says that nothing was published, when it was not asked for or was refused", async () => {
    for (const publication of [
      { asked: false, error: new Error("a job failed") },
      { asked: true, error: failed("commit_conflict", "somebody was quicker") },
    ]) {
      const [event] = await words(publication);
      expect(event).toMatchObject({ type: "note" });
      expect(JSON.stringify(event)).toContain("nothing was published");
    }
  });

  it("does not claim to know what became of a publication without an answer", async () => {
    const [event] = await words({ asked: true, error: unavailable("http_unreachable", "no answer") });
    expect(event).toMatchObject({ type: "warning" });
    expect(JSON.stringify(event)).toContain("pipectl validate");
  });
});
