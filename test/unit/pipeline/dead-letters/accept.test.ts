import { describe, expect, it } from "vitest";
import { failed } from "../../../../src/core/errors.js";
import type { Table, TableChange, TableId } from "../../../../src/iceberg/catalog.js";
import { accept, planAccept, type ToAccept } from "../../../../src/pipeline/dead-letters/accept.js";
import { type Acceptances, acceptedProperty } from "../../../../src/pipeline/dead-letters/acceptances.js";
import type { DeadLetterGroup } from "../../../../src/pipeline/dead-letters/reasons.js";
import { deadLetterGroup, groupRow } from "../../../helpers/dead-letters.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { problemOf } from "../../../helpers/problem.js";
import { accountOf, icebergTable, landing, snapshot, withAccount } from "../../../helpers/tables.js";
import { configOf, taxi, workspaceOf } from "../../../helpers/workspace.js";

const home = temporaryFolder();
const every = { reason: null, field: null, partition: null };
const all: ToAccept = { filter: every, note: null };
const record = (count: number): Acceptances => ({
  ...{ version: 2, snapshot: "d1", accepted: count },
  acceptances: [
    {
      ...{ ...every, at: "2026-01-31T12:00:00.000Z", note: "n" },
      ranges: [{ incarnation: 0, partition: 0, below: 9, count }],
    },
  ],
});

/** @param refusals so many commits are refused, because somebody else was quicker */
async function stack(
  groups: readonly DeadLetterGroup[],
  more: { dlq?: Partial<Table> | null; properties?: Record<string, string>; refusals?: number } = {},
) {
  const properties = withAccount(accountOf({ bronzeSnapshot: "b1", dlqSnapshot: "d1" }));
  const bronze = icebergTable([landing("b1", null, { 0: 5 })], { id: taxi.tables.bronze, properties });
  const dlq = icebergTable([landing("d1", null, { 0: 3 })], {
    ...{ id: taxi.tables.dlq, properties: more.properties ?? {} },
    ...more.dlq,
  });
  const tables: Record<string, Table | undefined> = {
    raw_trips: more.dlq === null ? undefined : bronze,
    raw_trips_dlq: more.dlq === null ? undefined : dlq,
  };
  const commits: TableChange[] = [];
  let refusals = more.refusals ?? 0;
  const { runtime, queries } = await fakeGateway(() => groups.map(groupRow));
  const workspace = workspaceOf({
    config: configOf({ STATE_DIR: home }),
    catalog: {
      table: async ({ table }: TableId) => tables[table],
      commit: async (change: TableChange) => {
        if (refusals-- > 0) {
          const { snapshots } = tables.raw_trips_dlq as Table;
          tables.raw_trips_dlq = icebergTable(
            [...snapshots, landing(`x${snapshots.length}`, snapshots.at(-1)?.id ?? null, { 0: 1 })],
            { id: taxi.tables.dlq },
          );
          throw failed("commit_conflict", "main has moved");
        }
        commits.push(change);
      },
    },
    runtime: { ...runtime, home },
  });
  return { workspace, tables, commits, queries };
}

describe("accepting dead letters", () => {
  it("is one commit of a property, on the condition that nobody has moved the branch", async () => {
    const { workspace, commits } = await stack([deadLetterGroup({ count: 3 })]);
    const seen = await planAccept(workspace, { filter: every, note: "why" });
    expect(seen.plan).toMatchObject({ added: 3, revoked: 0, accepted: 3, open: 0 });
    expect(commits).toEqual([]);
    await accept(workspace, seen);
    expect(commits).toMatchObject([{ id: taxi.tables.dlq, assertRefs: { main: "d1" } }]);
    expect(JSON.parse(commits[0]?.setProperties?.[acceptedProperty] ?? "")).toMatchObject({
      ...{ version: 2, snapshot: "d1", accepted: 3 },
      acceptances: [{ note: "why", ranges: [{ incarnation: 0, partition: 0, below: 10, count: 3 }] }],
    });
  });

  it("is none where nothing is open, or there are none", async () => {
    const properties = { [acceptedProperty]: JSON.stringify(record(3)) };
    const nothing = await stack([deadLetterGroup({ acceptance: 0, count: 3 })], { properties });
    const seen = await planAccept(nothing.workspace, all);
    expect(seen).toMatchObject({ plan: { added: 0, accepted: 3, open: 0 } });
    await accept(nothing.workspace, seen);
    expect(nothing.commits).toEqual([]);
    const none = await stack([], { dlq: null });
    expect((await planAccept(none.workspace, all)).plan).toMatchObject({ added: 0, open: 0 });
    expect(none.queries).toEqual([]);
  });

  it("goes on while a stream adds dead letters: those are not in it", async () => {
    const { workspace, commits } = await stack([deadLetterGroup({ count: 3 })], { refusals: 2 });
    await accept(workspace, await planAccept(workspace, all));
    expect(commits).toMatchObject([{ assertRefs: { main: "x2" } }]);
    expect(JSON.parse(commits[0]?.setProperties?.[acceptedProperty] ?? "")).toMatchObject({ snapshot: "d1" });
  });

  it("is refused when somebody else has accepted some meanwhile, or rows have gone", async () => {
    const { workspace, tables, commits } = await stack([deadLetterGroup({ count: 3 })]);
    const seen = await planAccept(workspace, all);
    const before = tables.raw_trips_dlq as Table;
    tables.raw_trips_dlq = { ...before, properties: { [acceptedProperty]: JSON.stringify(record(1)) } };
    expect(await problemOf(() => accept(workspace, seen))).toMatchObject({ code: "commit_conflict" });
    const gone = snapshot("d2", "d1", { operation: "delete" });
    tables.raw_trips_dlq = icebergTable([...before.snapshots, gone], { id: taxi.tables.dlq });
    expect(await problemOf(() => accept(workspace, seen))).toMatchObject({ code: "commit_conflict" });
    expect(commits).toEqual([]);
  });

  it("is refused while dead letters may be missing, which would come back at accepted offsets", async () => {
    const back = { snapshots: [landing("d0", null, { 0: 1 }), landing("d1", "d0", { 0: 3 })] };
    const { workspace } = await stack([], { dlq: icebergTable(back.snapshots, { refs: { main: "d0" } }) });
    expect(await problemOf(() => planAccept(workspace, all))).toMatchObject({ code: "account_untrusted" });
  });
});

describe("taking it back", () => {
  it("leaves nothing accepted", async () => {
    const properties = { [acceptedProperty]: JSON.stringify(record(3)) };
    const { workspace, commits } = await stack([deadLetterGroup({ acceptance: 0, count: 3 })], {
      properties,
    });
    const seen = await planAccept(workspace, "revoke");
    expect(seen.plan).toMatchObject({ added: 0, revoked: 3, accepted: 0, open: 3 });
    await accept(workspace, seen);
    expect(JSON.parse(commits[0]?.setProperties?.[acceptedProperty] ?? "")).toMatchObject({
      ...{ accepted: 0, acceptances: [] },
    });
  });

  it("clears a damaged record, which accepts nothing and can take nothing more", async () => {
    const properties = { [acceptedProperty]: "{half" };
    const { workspace, commits } = await stack([deadLetterGroup({ count: 3 })], { properties });
    const refusal = await problemOf(() => planAccept(workspace, all));
    expect(refusal).toMatchObject({ code: "acceptances_untrusted" });
    expect(refusal.hint).toContain("pipectl dlq accept --revoke");
    const seen = await planAccept(workspace, "revoke");
    expect(seen.plan).toMatchObject({ revoked: 0, accepted: 0, open: 3, cleared: true });
    await accept(workspace, seen);
    expect(JSON.parse(commits[0]?.setProperties?.[acceptedProperty] ?? "")).toMatchObject({
      ...{ version: 2, accepted: 0, acceptances: [] },
    });
  });

  it("changes nothing where nothing was accepted", async () => {
    const { workspace } = await stack([deadLetterGroup({ count: 3 })]);
    expect(await planAccept(workspace, "revoke")).not.toHaveProperty("record");
  });
});
