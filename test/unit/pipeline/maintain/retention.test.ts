import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/iceberg/catalog.js";
import { type Account, accountProperty } from "../../../../src/ledger/account.js";
import { type SilverState, silverProperty } from "../../../../src/ledger/silver-state.js";
import { retentionOf } from "../../../../src/pipeline/maintain/retention.js";
import { accountOf, icebergTable, snapshot } from "../../../helpers/tables.js";

/** Six snapshots, the first one is "1"; some of them are checkpoints of jobs. */
function table(jobs: Readonly<Record<string, string>>, property: string, value: unknown) {
  const snapshots: Snapshot[] = [1, 2, 3, 4, 5, 6].map((n) =>
    snapshot(String(n), n === 1 ? null : String(n - 1), {
      summary:
        jobs[n] === undefined ? {} : { "flink.job-id": jobs[n], "flink.max-committed-checkpoint-id": "9" },
    }),
  );
  return icebergTable(snapshots, { properties: { [property]: JSON.stringify(value) } });
}
const stream = (...jobs: string[]) => ({ run: "r", jobs, topology: "t" });
const bronze = (more: Partial<Account>, jobs = {}) => table(jobs, accountProperty, accountOf(more));
const silver = (more: Partial<SilverState>, jobs = {}) =>
  table(jobs, silverProperty, { version: 1, bronzeSnapshot: "6", silverSnapshot: "6", rules: "r", ...more });

describe("how far back the history of a table has to reach", () => {
  it("to the snapshot that the account was made for", () => {
    const tables = { bronze: bronze({ bronzeSnapshot: "4", dlqSnapshot: "2" }), dlq: bronze({}) };
    expect(retentionOf("bronze", tables)).toEqual({ from: "4", by: "the account", depth: 3 });
    expect(retentionOf("dlq", tables)).toEqual({ from: "2", by: "the account", depth: 5 });
  });

  it("to the last checkpoint of each job that a stream may be restored from, however old", () => {
    const account = { bronzeSnapshot: "6", stream: stream("j1", "j2") };
    const tables = { bronze: bronze(account, { 2: "j1", 3: "j1", 5: "j2" }) };
    expect(retentionOf("bronze", tables)).toEqual({
      from: "3",
      by: "the stream's last checkpoint",
      depth: 4,
    });
    const restored = { bronze: bronze({ ...account, stream: stream("j2") }, { 2: "j1", 3: "j1", 5: "j2" }) };
    expect(retentionOf("bronze", restored).from).toBe("5");
  });

  it("on bronze to where continuous silver has read, on silver to its state and its job", () => {
    const tables = {
      bronze: bronze({ bronzeSnapshot: "6" }),
      silver: silver({ bronzeSnapshot: "2", silverSnapshot: "5", stream: stream("j3") }, { 4: "j3" }),
    };
    expect(retentionOf("bronze", tables)).toEqual({ from: "2", by: "continuous silver", depth: 5 });
    expect(retentionOf("silver", tables)).toEqual({
      from: "4",
      by: "the stream's last checkpoint",
      depth: 3,
    });
  });

  it("to its beginning, where what somebody needs begins before anything was written", () => {
    const tables = { bronze: bronze({ bronzeSnapshot: null, dlqSnapshot: "1" }) };
    expect(retentionOf("bronze", tables)).toEqual({ from: "all", by: "the account", depth: 6 });
  });

  it("nowhere for a table of which nobody has kept a record", () => {
    expect(retentionOf("bronze", { bronze: icebergTable([snapshot("1", null)]) })).toMatchObject({
      from: undefined,
    });
  });
});
