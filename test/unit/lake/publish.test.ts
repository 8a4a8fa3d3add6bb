import { describe, expect, it } from "vitest";
import { failed, unavailable } from "../../../src/core/errors.js";
import type { IcebergCatalog, Table, TableChange, TableId } from "../../../src/iceberg/catalog.js";
import { branchOf, branchWork, onBranch, publish, writtenTo } from "../../../src/lake/branches.js";
import { problemOf } from "../../helpers/problem.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

const branch = branchOf("20260101T120000-ab12");
const ids = {
  bronze: { namespace: "bronze", table: "raw_trips" },
  dlq: { namespace: "bronze", table: "raw_trips_dlq" },
  silver: { namespace: "silver", table: "cleaned_trips" },
};
const withBranch = (id: TableId, head = "2") =>
  icebergTable([snapshot("1", null), snapshot("2", "1")], { id, refs: { main: "1", [branch]: head } });

/** A catalog whose answer to a commit is the test's. */
function catalogOf(tables: readonly Table[], answer: (change: TableChange) => void = () => {}) {
  const commits: TableChange[] = [];
  const catalog: Partial<IcebergCatalog> = {
    table: async (id) => tables.find((one) => one.id.table === id.table),
    commit: async (change) => {
      answer(change);
      commits.push(change);
    },
  };
  return { catalog: catalog as IcebergCatalog, commits };
}

const drop = (id: TableId, head = "2") => ({ id, assertRefs: { [branch]: head }, removeRefs: [branch] });

describe("publish", () => {
  const change: TableChange = { id: ids.bronze, assertRefs: { main: "1" }, setRefs: { main: "2" } };
  const tables = [withBranch(ids.bronze), withBranch(ids.dlq, "1"), icebergTable([], { id: ids.silver })];
  const publishing = async (answer: (change: TableChange) => void) => {
    const { catalog, commits } = catalogOf(tables, answer);
    const workspace = workspaceOf({ unaborted: { catalog } });
    const run = () => publish(workspace, tables, branch, change);
    return { run, commits, events: workspace.events };
  };
  const refuse = (error: Error) => (one: TableChange) => {
    if (one === change) throw error;
  };

  it("commits, also after Ctrl-C, and says nothing", async () => {
    const { run, commits, events } = await publishing(() => {});
    await run();
    expect([commits, events]).toEqual([[change], []]);
  });

  it("drops the branches that there are where the catalog refuses: nothing was published", async () => {
    const { run, commits, events } = await publishing(
      refuse(failed("commit_conflict", "somebody was quicker")),
    );
    expect((await problemOf(run)).code).toBe("commit_conflict");
    expect(commits).toEqual([drop(ids.bronze), drop(ids.dlq, "1")]);
    expect(events).toEqual([
      {
        type: "note",
        text: "nothing was published: bronze.raw_trips and bronze.raw_trips_dlq and silver.cleaned_trips as before",
      },
    ]);
  });

  it.each([
    ["nobody answered", unavailable("http_unreachable", "no answer")],
    ["something else went wrong", new TypeError("a bug")],
  ])("leaves the branches where %s: the commit may still happen", async (_what, error) => {
    const { run, commits, events } = await publishing(refuse(error));
    await expect(run()).rejects.toBe(error);
    expect(commits).toEqual([]);
    expect(events).toEqual([{ type: "warning", text: expect.stringContaining("pipectl validate") }]);
  });
});

describe("onBranch", () => {
  it("returns what was written, on a branch of each table, and drops none", async () => {
    const { catalog, commits } = catalogOf([]);
    const workspace = workspaceOf({ catalog, unaborted: { catalog } });
    const tables = [icebergTable([snapshot("1", null)], { id: ids.bronze })];
    const written = await onBranch(workspace, tables, branch, async () => {
      expect(commits).toMatchObject([{ id: ids.bronze, setRefs: { [branch]: "1" } }]);
      return "written";
    });
    expect([written, commits.length, workspace.events]).toEqual(["written", 1, []]);
  });

  it("drops the branches of the other tables, too, where one cannot be dropped", async () => {
    const { catalog, commits } = catalogOf(
      [withBranch(ids.bronze), withBranch(ids.dlq)],
      ({ id, removeRefs }) => {
        if (id === ids.bronze && removeRefs?.includes(branch))
          throw unavailable("http_unreachable", "no answer");
      },
    );
    const workspace = workspaceOf({ catalog, unaborted: { catalog } });
    const tables = [icebergTable([], { id: ids.bronze }), icebergTable([], { id: ids.dlq })];
    const write = () => Promise.reject(new Error("a job failed"));
    await expect(onBranch(workspace, tables, branch, write)).rejects.toThrow("a job failed");
    expect(commits).toEqual([drop(ids.dlq)]);
    expect(workspace.events).toHaveLength(1);
  });

  it("writes nothing where the branches cannot be made", async () => {
    const { catalog } = catalogOf([], () => {
      throw failed("commit_conflict", "somebody was quicker");
    });
    const workspace = workspaceOf({ catalog, unaborted: { catalog } });
    let wrote = false;
    const write = async () => {
      wrote = true;
    };
    const run = () => onBranch(workspace, [icebergTable([snapshot("1", null)])], branch, write);
    expect((await problemOf(run)).code).toBe("commit_conflict");
    expect([wrote, workspace.events]).toEqual([false, []]);
  });
});

describe("writtenTo", () => {
  it("is what the branch has in the catalog by now", async () => {
    const before = icebergTable([snapshot("1", null)], { id: ids.bronze });
    const { catalog } = catalogOf([withBranch(ids.bronze, "1")]);
    expect(await writtenTo(catalog, before, branch)).toMatchObject({ table: { refs: { [branch]: "1" } } });
    expect(await writtenTo(catalogOf([]).catalog, before, branch)).toEqual({
      ...{ table: before, snapshots: [], head: "1" },
    });
  });
});

describe("a branch that another run has dropped", () => {
  it.each([
    ["does not lead back to where the run began", [snapshot("1", null), snapshot("7", null)], "7"],
    ["leads to a snapshot that is gone", [snapshot("1", null), snapshot("3", "2")], "3"],
  ])("%s: nothing is published", async (_how, snapshots, head) => {
    const now = icebergTable(snapshots, { refs: { main: "1", [branch]: head } });
    const error = await problemOf(() => branchWork(icebergTable([snapshot("1", null)]), now, branch));
    expect(error).toMatchObject({ kind: "failed", code: "branch_disturbed" });
    expect(error.message).toContain("bronze.raw_trips");
    expect(error.hint).toContain("nothing was published");
  });
});
