import { describe, expect, it } from "vitest";
import {
  type IcebergCatalog,
  icebergCatalog,
  type Table,
  type TableChange,
} from "../../../src/iceberg/catalog.js";
import { beginBranches, branchOf, branchWork, onBranch, publication } from "../../../src/lake/branches.js";
import { fakeServer } from "../../helpers/server.js";
import { icebergTable, snapshot } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

const branch = branchOf("20260101T120000-ab12");
const base = snapshot("1", null);
const first = snapshot("2", "1");
const second = snapshot("3", "2");

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
    const work = branchWork(icebergTable(), icebergTable([base, first], { refs: { [branch]: "2" } }), branch);
    expect(work.snapshots.map(({ id }) => id)).toEqual(["2", "1"]);
    expect(branchWork(icebergTable(), icebergTable(), branch)).toMatchObject({ snapshots: [], head: null });
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
    expect(of(icebergTable(), icebergTable([base], { refs: { [branch]: "1" } }))).toMatchObject({
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
    const server = await fakeServer(({ method, path }) =>
      method === "GET"
        ? { body: path.endsWith("raw_trips") ? metadata : { metadata: { ...metadata.metadata, refs: {} } } }
        : { body: {} },
    );
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
