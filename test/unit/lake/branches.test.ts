import { describe, expect, it } from "vitest";
import {
  type IcebergCatalog,
  icebergCatalog,
  type Snapshot,
  type Table,
  type TableChange,
} from "../../../src/iceberg/catalog.js";
import { beginBranches, branchOf, branchWork, onBranch, publication } from "../../../src/lake/branches.js";
import { problemOf } from "../../helpers/problem.js";
import { fakeServer } from "../../helpers/server.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

const branch = branchOf("20260101T120000-ab12");
const base = snapshot("1", null);
const first = snapshot("2", "1");
const second = snapshot("3", "2");

/** A snapshot that added rows, or took some away, and says how many the table has. */
const counted = (id: string, parentId: string | null, change: number, total?: number) =>
  snapshot(id, parentId, {
    summary: {
      [change < 0 ? "deleted-records" : "added-records"]: String(Math.abs(change)),
      ...(total === undefined ? {} : { "total-records": String(total) }),
    },
  });

/** A catalog that has one table, and remembers the commits. */
function catalogOf(table = icebergTable()) {
  const commits: TableChange[] = [];
  const catalog = {
    table: async () => table,
    commit: async (change: TableChange) => void commits.push(change),
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
      { id: table.id, assertRefs: { main: "1" }, removeRefs: [], setRefs: { [branch]: "1" } },
    ]);
  });

  it("drops what killed runs left, and no branch or tag of anybody else", async () => {
    const { catalog, commits } = catalogOf();
    const refs = { main: "1", pipectl_old: "2", audit: "1", "v1.0": "1" };
    await beginBranches(catalog, [icebergTable([base, first], { refs })], branch);
    expect(commits[0]?.removeRefs).toEqual(["pipectl_old"]);
  });

  it("leaves an empty table to the first write, but drops what is stale", async () => {
    const { catalog, commits } = catalogOf();
    const stale = icebergTable([first], { refs: { pipectl_old: "2" } });
    await beginBranches(catalog, [icebergTable(), stale], branch);
    expect(commits).toEqual([{ id: stale.id, assertRefs: { main: null }, removeRefs: ["pipectl_old"] }]);
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
    const rows = [counted("1", null, 3, 3), counted("2", "1", 1, 4)];
    const work = branchWork(icebergTable(), icebergTable(rows, { refs: { [branch]: "2" } }), branch);
    expect(work.snapshots.map(({ id }) => id)).toEqual(["2", "1"]);
    expect(branchWork(icebergTable(), icebergTable(), branch)).toMatchObject({ snapshots: [], head: null });
  });
});

describe("the totals of a branch", () => {
  const work = (before: Snapshot | undefined, ...written: Snapshot[]) => {
    const then = before === undefined ? [] : [before];
    const refs = {
      ...(before === undefined ? {} : { main: before.id }),
      [branch]: written.at(-1)?.id as string,
    };
    return () => branchWork(icebergTable(then), icebergTable([...then, ...written], { refs }), branch);
  };
  const ten = counted("1", null, 10, 10);
  const unknown = counted("1", null, 10);

  it.each([
    ["go on from the table's", ten, [counted("2", "1", -4, 6), counted("3", "2", 5, 11)]],
    ["begin at 0 in a table without a snapshot", undefined, [counted("2", null, 5, 5)]],
    [
      "are missing where the table's are: an engine that keeps none wrote it",
      unknown,
      [counted("2", "1", 5)],
    ],
    [
      "are missing below 0, which Iceberg does not write",
      ten,
      [counted("2", "1", -11), counted("3", "2", 5)],
    ],
  ])("%s", (_how, before, written) => {
    expect(work(before, ...written)().head).toBe(written.at(-1)?.id);
  });

  it.each([
    ["begin at 0 beside the table's rows: a sink made the branch again", ten, [counted("2", "1", 5, 5)]],
    ["are missing where the table has some", ten, [counted("2", "1", 5)]],
    ["begin at 0 where the table has none", unknown, [counted("2", "1", 5, 5)]],
    ["are missing in between", ten, [counted("2", "1", 5), counted("3", "2", 5, 20)]],
  ])("are refused when they %s", async (_how, before, written) => {
    expect(await problemOf(work(before, ...written))).toMatchObject({ code: "branch_disturbed" });
  });
});

describe("publication", () => {
  const before = icebergTable([base]);
  const of = (was: Table, now: Table, properties = {}) =>
    publication(was, branchWork(was, now, branch), branch, properties);

  it("moves main to the branch's head, removes the branch and sets properties, if neither has moved", () => {
    const now = icebergTable([base, first], { refs: { main: "1", [branch]: "2" } });
    expect(of(before, now, { "pipectl.account": "{}" })).toEqual({
      id: before.id,
      assertRefs: { main: "1", [branch]: "2" },
      setRefs: { main: "2" },
      removeRefs: [branch],
      setProperties: { "pipectl.account": "{}" },
    });
  });

  it("moves nothing where nothing was written, and still asserts", () => {
    const unchanged = icebergTable([base], { refs: { main: "1", [branch]: "1" } });
    expect(of(before, unchanged)).toEqual({
      id: before.id,
      assertRefs: { main: "1", [branch]: "1" },
      removeRefs: [branch],
    });
    const empty = icebergTable();
    expect(of(empty, empty)).toEqual({
      id: empty.id,
      assertRefs: { main: null, [branch]: null },
      removeRefs: [],
    });
  });

  it("creates main for the first rows of a table", () => {
    const rows = icebergTable([counted("1", null, 3, 3)], { refs: { [branch]: "1" } });
    expect(of(icebergTable(), rows)).toMatchObject({
      assertRefs: { main: null, [branch]: "1" },
      setRefs: { main: "1" },
    });
  });

  it("removes a branch that a killed run's job made late, and none of anybody else", () => {
    const refs = { main: "1", [branch]: "2", pipectl_late: "1", audit: "1" };
    expect(of(before, icebergTable([base, first], { refs })).removeRefs).toEqual([branch, "pipectl_late"]);
  });
});

describe("onBranch", () => {
  it("drops the branch of a write that failed, says so, and touches no table without it", async () => {
    const metadata = {
      metadata: {
        "table-uuid": "u",
        "current-schema-id": 0,
        schemas: [{ "schema-id": 0, fields: [] }],
        refs: { main: { "snapshot-id": 1 }, [branch]: { "snapshot-id": 2 } },
      },
    };
    let dropped = false;
    const server = await fakeServer(({ method, path }) => {
      dropped ||= method === "POST";
      const there = path.endsWith("raw_trips") && !dropped;
      return { body: there ? metadata : { metadata: { ...metadata.metadata, refs: {} } } };
    });
    const unaborted = { catalog: icebergCatalog(server.url, new AbortController().signal) };
    const workspace = workspaceOf({ unaborted, catalog: catalogOf().catalog });
    const tables = [
      icebergTable([base]),
      icebergTable([base], { id: { namespace: "bronze", table: "raw_trips_dlq" } }),
    ];
    const write = () => Promise.reject(new Error("a job failed"));
    await expect(onBranch(workspace, tables, branch, write)).rejects.toThrow("a job failed");
    const posts = server.requests.filter(({ method }) => method === "POST");
    expect(posts).toHaveLength(1);
    expect(JSON.parse(posts[0]?.body ?? "")).toMatchObject({
      requirements: [{ ref: branch, "snapshot-id": 2 }],
      updates: [{ action: "remove-snapshot-ref", "ref-name": branch }],
    });
    expect(workspace.events).toEqual([
      { type: "note", text: "nothing was published: bronze.raw_trips and bronze.raw_trips_dlq as before" },
    ]);
  });
});
