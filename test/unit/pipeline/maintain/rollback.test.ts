import { describe, expect, it } from "vitest";
import type { JobOverview } from "../../../../src/flink/rest.js";
import type { Table, TableChange, TableId } from "../../../../src/iceberg/catalog.js";
import type { Tables } from "../../../../src/lake/tables.js";
import { type Account, accountProperty } from "../../../../src/ledger/account.js";
import { rulesOf, type SilverState, silverProperty } from "../../../../src/ledger/silver-state.js";
import { planRollback, rollback } from "../../../../src/pipeline/maintain/rollback.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { accountOf, icebergTable, landing, snapshot, topicOf, withAccount } from "../../../helpers/tables.js";
import { configOf, taxi, workspaceOf } from "../../../helpers/workspace.js";

const home = temporaryFolder();
const savepoint = "file:///savepoint";
const stopped = { at: "2026-01-31T12:00:00.000Z", savepoint };
const stream = { run: "s", jobs: ["j1"], topology: "t", stopped };
const streaming = (id: string, parentId: string) => ({
  ...landing(id, parentId, { 0: 10 }),
  summary: { ...landing(id, parentId, { 0: 10 }).summary, "flink.job-id": "j1" },
});
const compaction = (id: string, parentId: string) => snapshot(id, parentId, { operation: "replace" });
const silverOf = (more: Partial<SilverState> = {}) => ({
  [silverProperty]: JSON.stringify({
    ...{ version: 1, bronzeSnapshot: "b2", silverSnapshot: "s2", rules: rulesOf(taxi) },
    ...more,
  }),
});

/** Batch runs have made two snapshots of each table, unless told otherwise. */
function stack(
  more: Partial<{ bronze: Partial<Table>; silver: Partial<Table>; account: Partial<Account> }> & {
    jobs?: string[];
    firsts?: number;
  } = {},
) {
  const account = accountOf({ bronzeSnapshot: "b2", dlqSnapshot: "d2", ...more.account });
  const named = (kind: keyof Tables, snapshots: Table["snapshots"], rest: Partial<Table>) =>
    icebergTable(rest.snapshots ?? snapshots, { id: taxi.tables[kind], ...rest });
  const tables: Tables = {
    bronze: named("bronze", [landing("b1", null, { 0: 5 }), landing("b2", "b1", { 0: 7 })], {
      properties: withAccount(account),
      ...more.bronze,
    }),
    dlq: named("dlq", [snapshot("d1", null), snapshot("d2", "d1")], {}),
    silver: named("silver", [snapshot("s1", null), snapshot("s2", "s1")], {
      properties: silverOf(),
      ...more.silver,
    }),
  };
  const commits: TableChange[] = [];
  const disposed: string[] = [];
  const workspace = workspaceOf({
    config: configOf({ STATE_DIR: home }),
    catalog: {
      ping: async () => {},
      table: async (id: TableId) => Object.values(tables).find((one) => one.id.table === id.table),
      commit: async (change: TableChange) => void commits.push(change),
    },
    kafka: { topicOffsets: async () => topicOf([{ partition: 0, first: more.firsts ?? 0, end: 12 }]) },
    flink: {
      jobs: async () =>
        (more.jobs ?? []).map((name) => ({ id: "j1", name, state: "RUNNING" }) as JobOverview),
      disposeState: async (path: string) => void disposed.push(path),
    },
    runtime: { checkpoints: async () => [] },
  });
  return { workspace, tables, commits, disposed };
}

describe("what a rollback would do", () => {
  it("back: the next run counts every row of bronze, and makes silver anew", async () => {
    const { workspace, commits } = stack();
    expect(await planRollback(workspace, "bronze", "b1")).toMatchObject({
      ...{ table: "bronze.raw_trips", direction: "back", from: { id: "b2" }, to: { id: "b1" }, snapshots: 1 },
      ...{ recount: true, silverAnew: true, streamsForgotten: 0, gone: 0, next: "pipectl process" },
    });
    expect(commits).toEqual([]);
  });

  it("silver stays where it was made of no more than what bronze still has", async () => {
    const { workspace } = stack({ silver: { properties: silverOf({ bronzeSnapshot: "b1" }) } });
    expect(await planRollback(workspace, "bronze", "b1")).toMatchObject({ silverAnew: false });
  });

  it("dead letters are nothing to silver, and silver nothing to the account", async () => {
    const { workspace } = stack();
    expect(await planRollback(workspace, "dlq", "d1")).toMatchObject({ recount: true, silverAnew: false });
    expect(await planRollback(workspace, "silver", "s1")).toMatchObject({
      ...{ recount: false, silverAnew: true, next: "pipectl process-silver" },
    });
  });

  it("forward undoes it: what is on record holds again", async () => {
    const { workspace } = stack({ bronze: { refs: { main: "b1" } } });
    expect(await planRollback(workspace, "bronze", "b2")).toMatchObject({
      ...{
        direction: "forward",
        snapshots: 1,
        recount: false,
        silverAnew: false,
        next: "pipectl validate --deep",
      },
    });
  });

  it("nothing, where the table is there already", async () => {
    const { workspace, commits } = stack({ jobs: ["pipectl streaming bronze taxi s"] });
    const plan = await planRollback(workspace, "bronze", "b2");
    expect(plan).toMatchObject({ direction: "none", snapshots: 0, recount: false, silverAnew: false });
    await rollback(workspace, "bronze", plan);
    expect(commits).toEqual([]);
  });

  it("after a change of rows nobody can tell what Kafka still has of them", async () => {
    const overwritten = snapshot("b2", "b1", { operation: "overwrite" });
    const { workspace } = stack({ bronze: { snapshots: [snapshot("b1", null), overwritten] } });
    expect(await planRollback(workspace, "bronze", "b1")).toMatchObject({ gone: null });
  });
});

describe("a rollback is refused", () => {
  const bronze = {
    snapshots: [landing("b1", null, {}), landing("x", "b1", {}), landing("b2", "b1", {})],
  };

  it.each([
    ["an id that there is not", "b", "snapshot_unknown"],
    ["one of another branch", "x", "snapshot_unrelated"],
  ])("to %s, with where to look", async (_what, to, code) => {
    const error = await problemOf(() => planRollback(stack({ bronze }).workspace, "bronze", to));
    expect(error).toMatchObject({ kind: "usage", code });
    expect(error.hint).toContain("pipectl snapshots bronze");
  });

  it.each([
    ["bronze", "b1", "bronze", "writes to bronze.raw_trips"],
    ["bronze", "b1", "silver", "reads bronze.raw_trips"],
    ["dlq", "d1", "bronze", "writes to bronze.raw_trips_dlq"],
    ["silver", "s1", "silver", "writes to silver.cleaned_trips"],
  ] as const)("of %s to %s while continuous %s %s", async (kind, to, job, text) => {
    const { workspace } = stack({ jobs: [`pipectl streaming ${job} taxi s`] });
    const error = await problemOf(() => planRollback(workspace, kind, to));
    expect(error).toMatchObject({ code: "stream_running", hint: expect.stringContaining("pipectl stop") });
    expect(error.message).toContain(text);
  });

  it("not by a stream that has nothing to do with the table", async () => {
    const { workspace } = stack({ jobs: ["pipectl streaming bronze taxi s"] });
    expect(await planRollback(workspace, "silver", "s1")).toMatchObject({ direction: "back" });
  });

  it("while a killed run's dead letters are still to be published", async () => {
    const { workspace, tables } = stack({ account: { run: "r", dlqSnapshot: "d3" } });
    Object.assign(tables.dlq, {
      snapshots: [...tables.dlq.snapshots, snapshot("d3", "d2")],
      refs: { main: "d2", pipectl_r: "d3" },
    });
    expect(await problemOf(() => planRollback(workspace, "dlq", "d1"))).toMatchObject({
      code: "publication_unfinished",
    });
  });

  it("when the table has moved since it was looked at", async () => {
    const { workspace, tables, commits } = stack();
    const plan = await planRollback(workspace, "bronze", "b1");
    const moved = [...tables.bronze.snapshots, snapshot("b3", "b2")];
    Object.assign(tables.bronze, icebergTable(moved, { id: tables.bronze.id }));
    expect(await problemOf(() => rollback(workspace, "bronze", plan))).toMatchObject({
      code: "commit_conflict",
    });
    expect(commits).toEqual([]);
  });
});

describe("what a rollback commits", () => {
  const continuous = { properties: silverOf({ bronzeSnapshot: "b1", stream, paused: true }) };
  const streamed = {
    bronze: {
      snapshots: [landing("b1", null, { 0: 5 }), streaming("b2", "b1"), compaction("b3", "b2")],
    },
    account: { bronzeSnapshot: "b1", stream },
  };
  const run = async (kind: keyof Tables, to: string, more: Parameters<typeof stack>[0]) => {
    const { workspace, tables, commits, disposed } = stack(more);
    const plan = await planRollback(workspace, kind, to);
    await rollback(workspace, kind, plan);
    return { plan, tables, commits, disposed };
  };
  const recorded = (change: TableChange | undefined, name: string) =>
    JSON.parse(change?.setProperties?.[name] as string);

  it("is one change on the condition that nobody has moved the branch", async () => {
    expect((await run("dlq", "d1", {})).commits).toEqual([
      { id: taxi.tables.dlq, assertRefs: { main: "d2" }, setRefs: { main: "d1" } },
    ]);
  });

  it("takes a stopped stream off the account, in the same commit, and deletes its state", async () => {
    const account = { ...streamed.account };
    const bronze = {
      ...streamed.bronze,
      properties: withAccount(accountOf({ dlqSnapshot: "d2", ...account })),
    };
    const { plan, commits, disposed } = await run("bronze", "b1", { bronze });
    expect(plan).toMatchObject({ streamsForgotten: 1, recount: false });
    expect(commits).toHaveLength(1);
    expect(commits[0]?.setRefs).toEqual({ main: "b1" });
    expect(recorded(commits[0], accountProperty)).not.toHaveProperty("stream");
    expect(recorded(commits[0], accountProperty)).toMatchObject({ bronzeSnapshot: "b1" });
    expect(disposed).toEqual([savepoint]);
  });

  it("before dead letters go back bronze's account has forgotten the stream", async () => {
    const { commits } = await run("dlq", "d1", { account: { stream } });
    expect(commits.map(({ id, setRefs }) => [id.table, setRefs])).toEqual([
      ["raw_trips", undefined],
      ["raw_trips_dlq", { main: "d1" }],
    ]);
    expect(recorded(commits[0], accountProperty)).not.toHaveProperty("stream");
  });

  it("has continuous silver made anew before bronze goes back, also behind a compaction only", async () => {
    const bronze = {
      ...streamed.bronze,
      properties: withAccount(accountOf({ dlqSnapshot: "d2", ...streamed.account })),
    };
    const { plan, commits } = await run("bronze", "b2", { bronze, silver: continuous });
    // The account's stream has lost no row.
    expect(plan).toMatchObject({ streamsForgotten: 1, recount: false, silverAnew: true });
    expect(commits.map(({ id }) => id.table)).toEqual(["cleaned_trips", "raw_trips"]);
    expect(commits[1]?.setProperties).toBeUndefined();
    const state = recorded(commits[0], silverProperty);
    expect(state).toMatchObject({ bronzeSnapshot: "b1", rules: "" });
    for (const name of ["stream", "paused"]) expect(state).not.toHaveProperty(name);
  });

  it("forgets continuous silver's savepoint when silver itself goes back", async () => {
    const { plan, commits, disposed } = await run("silver", "s1", { silver: continuous });
    expect(plan).toMatchObject({ silverAnew: true, streamsForgotten: 1 });
    expect(commits.map(({ id, setRefs }) => [id.table, setRefs])).toEqual([
      ["cleaned_trips", { main: "s1" }],
    ]);
    expect(recorded(commits[0], silverProperty)).toMatchObject({ rules: "" });
    expect(disposed).toEqual([savepoint]);
  });

  it("forgets nothing on the way forward", async () => {
    const { commits } = await run("silver", "s2", { silver: { ...continuous, refs: { main: "s1" } } });
    expect(commits).toEqual([
      { id: taxi.tables.silver, assertRefs: { main: "s1" }, setRefs: { main: "s2" } },
    ]);
  });
});
