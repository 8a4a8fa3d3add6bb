import { describe, expect, it } from "vitest";
import { icebergCatalog, type Table, type TableChange } from "../../../src/iceberg/catalog.js";
import { problemOf } from "../../helpers/problem.js";
import { type Lie, restTable } from "../../helpers/rest-table.js";

const id = { namespace: "bronze", table: "raw_trips" };
const branch = "pipectl_run";
/** A publication: main goes to the branch's head, the branch is dropped, and the account moves. */
const publication: TableChange = {
  ...{ id, assertRefs: { main: "2", [branch]: "3" }, setRefs: { main: "3" }, removeRefs: [branch] },
  setProperties: { "pipectl.account": "new" },
};
const record: TableChange = { id, assertRefs: { main: "2" }, setProperties: { "pipectl.account": "new" } };
const rollback: TableChange = { id, assertRefs: { main: "2" }, setRefs: { main: "1" } };
const begin: TableChange = { id, assertRefs: { main: "2" }, setRefs: { other: "2" } };

const catalogOf = async (lies: readonly Lie[], more: Parameters<typeof restTable>[2] = {}) => {
  const rest = await restTable({ main: "2", [branch]: "3" }, lies, more);
  return { ...rest, catalog: icebergCatalog(rest.url, new AbortController().signal) };
};
const lies: readonly Lie[] = [
  ...["honest", "says 200, commits nothing", "sends it twice"],
  ...["says 500, commits", "says 503, commits", "says 504, commits", "closes the socket, commits"],
  ...["says 500, commits nothing", "says 504, commits nothing", "closes the socket, commits nothing"],
] as Lie[];

/** Each lie in a catalog of its own, all at once: each takes its time. */
const whatever = async (check: (catalog: Awaited<ReturnType<typeof catalogOf>>, lie: Lie) => Promise<void>) =>
  void (await Promise.all(lies.map(async (lie) => check(await catalogOf([lie]), lie))));

describe("whatever a catalog does and answers", () => {
  it.each([
    ["a publication", publication],
    ["a record in a property", record],
    ["a table that is set back", rollback],
    ["a branch that begins", begin],
  ])("%s is made", async (_what, change) => {
    await whatever(async ({ catalog, table }, lie) => {
      await catalog.commit(change);
      const wanted = { main: "2", ...change.setRefs };
      for (const [ref, to] of Object.entries(wanted))
        expect(table.refs[ref], lie).toEqual({ "snapshot-id": to });
      expect(table.properties, lie).toEqual(change.setProperties ?? {});
      if (change === publication) expect(table.commits, lie).toBe(1);
    });
  });

  it("new columns are there", async () => {
    await whatever(async ({ catalog, table }, lie) => {
      const fields = [{ id: 1, name: "a", type: "int", required: false }];
      const from = (await catalog.table(id)) as Table;
      await catalog.alter({ table: from, fields, lastColumnId: 1, setProperties: { "pipectl.x": "1" } });
      expect(table.schemas.at(-1)?.fields, lie).toEqual(fields);
      expect(table.properties, lie).toEqual({ "pipectl.x": "1" });
    });
  });
});

describe("a catalog that shows old answers for a while", () => {
  it.each(["honest", "says 500, commits", "sends it twice"] as const)(
    "%s: it is asked again",
    async (lie) => {
      const { catalog, table } = await catalogOf([lie], { stale: 2 });
      await catalog.commit(publication);
      expect(table.commits).toBe(1);
    },
  );

  it("one that shows nothing else is believed in neither: the outcome is unknown", async () => {
    const { catalog } = await catalogOf([], { stale: 1_000 });
    const error = await problemOf(() => catalog.commit(publication));
    expect(error).toMatchObject({ kind: "unavailable", code: "commit_unseen", exitCode: 3 });
  });
});

describe("when nothing helps", () => {
  it("a catalog that never commits and always says 200 is named, and not believed", async () => {
    const { catalog, posts } = await catalogOf(Array(9).fill("says 200, commits nothing"));
    const error = await problemOf(() => catalog.commit(publication));
    expect(error).toMatchObject({ kind: "unavailable", code: "commit_unseen" });
    expect(error.message).toBe(
      "committing to bronze.raw_trips: the Iceberg catalog says that it is done, but the table does not show it",
    );
    expect(error.hint).toContain("pipectl validate");
    expect(posts()).toBe(3);
  });

  it("one that always fails is shown with its own words", async () => {
    const { catalog } = await catalogOf(Array(9).fill("says 504, commits nothing"));
    const error = await problemOf(() => catalog.commit(publication));
    expect(error).toMatchObject({ kind: "unavailable", code: "catalog_error" });
    expect(error.message).toMatch(/HTTP 504: out of luck/);
  });

  it("a conflict is a conflict at once, and nothing is sent again", async () => {
    const { catalog, posts } = await catalogOf([]);
    const error = await problemOf(() => catalog.commit({ ...publication, assertRefs: { main: "1" } }));
    expect(error).toMatchObject({ kind: "failed", code: "commit_conflict" });
    expect(posts()).toBe(1);
  });

  it("a rival who has moved the table after an answer that was lost leaves the outcome unknown", async () => {
    const { catalog, table } = await catalogOf(["says 500, commits nothing"]);
    const sent = problemOf(() => catalog.commit(publication));
    table.refs = { main: { "snapshot-id": "1" } };
    expect(await sent).toMatchObject({ kind: "unavailable", code: "catalog_error" });
  });
});

it("what somebody else commits on top of a publication does not hide it", async () => {
  const { catalog, table } = await catalogOf(["says 500, commits"]);
  const sent = catalog.commit(publication);
  const rival = setInterval(() => {
    if (table.commits === 1) table.refs = { main: { "snapshot-id": "4" } };
  }, 1);
  await sent;
  clearInterval(rival);
  expect(table.commits).toBe(1);
});
