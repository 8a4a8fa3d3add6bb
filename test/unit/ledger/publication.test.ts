import { describe, expect, it } from "vitest";
import { failed } from "../../../src/core/errors.js";
import type { IcebergCatalog, TableChange } from "../../../src/iceberg/catalog.js";
import { branchOf } from "../../../src/lake/branches.js";
import { finishPublication, publishDeadLetters } from "../../../src/ledger/publication.js";
import { problemOf } from "../../helpers/problem.js";
import { accountOf, icebergTable, snapshot, withAccount } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

const id = { namespace: "bronze", table: "raw_trips_dlq" };

describe("publishDeadLetters", () => {
  const change: TableChange = { id, assertRefs: { main: "1" }, setRefs: { main: "2" } };

  it("commits, also after Ctrl-C", async () => {
    const commits: TableChange[] = [];
    const catalog = {
      commit: async (one) => void commits.push(one),
    } as Partial<IcebergCatalog> as IcebergCatalog;
    await publishDeadLetters(workspaceOf({ unaborted: { catalog } }), change);
    expect(commits).toEqual([change]);
  });

  it("says that the run is half published, whatever the reason", async () => {
    const cause = failed("commit_conflict", "somebody was quicker");
    const catalog = { commit: () => Promise.reject(cause) } as Partial<IcebergCatalog> as IcebergCatalog;
    const error = await problemOf(() => publishDeadLetters(workspaceOf({ unaborted: { catalog } }), change));
    expect(error).toMatchObject({
      ...{ kind: "unavailable", code: "publication_unfinished", hint: "pipectl process finishes it", cause },
      message:
        "the run's rows are in bronze, its dead letters are not in bronze.raw_trips_dlq: somebody was quicker",
    });
  });
});

describe("finishPublication", () => {
  const account = accountOf({ bronzeSnapshot: "1", dlqSnapshot: "12" });
  const branch = branchOf(account.run);
  const bronze = icebergTable([snapshot("1", null)], { properties: withAccount(account) });
  const letters = (refs: Record<string, string>) =>
    icebergTable([snapshot("11", null), snapshot("12", "11")], { id, refs });
  const finish = async (dlq: ReturnType<typeof icebergTable>, now?: typeof dlq) => {
    const commits: TableChange[] = [];
    const workspace = workspaceOf({
      catalog: { commit: async (one) => void commits.push(one), table: async () => now },
    });
    const tables = await finishPublication(workspace, { bronze, dlq, silver: "as it was" });
    return { tables, commits, events: workspace.events };
  };

  it("does nothing where nothing is left to do", async () => {
    const dlq = letters({ main: "12" });
    expect(await finish(dlq)).toEqual({
      tables: { bronze, dlq, silver: "as it was" },
      commits: [],
      events: [],
    });
  });

  it("publishes the dead letters of a run that was killed, and goes on with the table as it is then", async () => {
    const now = letters({ main: "12" });
    const { tables, commits, events } = await finish(letters({ main: "11", [branch]: "12" }), now);
    expect(commits).toEqual([
      { id, assertRefs: { main: "11", [branch]: "12" }, setRefs: { main: "12" }, removeRefs: [branch] },
    ]);
    expect(tables).toEqual({ bronze, dlq: now, silver: "as it was" });
    expect(events).toEqual([
      { type: "note", text: expect.stringContaining("dead letters of a run that was killed") },
    ]);
  });

  it("goes on with the table that it knows where the catalog has it no more", async () => {
    const dlq = letters({ main: "11", [branch]: "12" });
    expect((await finish(dlq)).tables.dlq).toBe(dlq);
  });
});
