import { describe, expect, it } from "vitest";
import { expiredOf } from "../../../src/ledger/expired.js";
import { silverProperty } from "../../../src/ledger/silver-state.js";
import { accountOf, icebergTable, snapshot, withAccount } from "../../helpers/tables.js";

const stream = { run: "s", jobs: ["j1"], topology: "t" };
const committed = { ...stream, committed: { bronze: 3, dlq: 0, silver: 4 } };
const by = (id: string, parent: string, checkpoint: number) =>
  snapshot(id, parent, {
    summary: { "flink.job-id": "j1", "flink.max-committed-checkpoint-id": String(checkpoint) },
  });
const ids = {
  bronze: { namespace: "bronze", table: "b" },
  dlq: { namespace: "bronze", table: "d" },
  silver: { namespace: "silver", table: "s" },
};

describe("what bronze's stream needs", () => {
  const bronze = (account: Parameters<typeof accountOf>[0], snapshots = [snapshot("1", null)]) =>
    icebergTable(snapshots, { id: ids.bronze, properties: withAccount(accountOf(account)) });
  const dlq = icebergTable([snapshot("2", null)], { id: ids.dlq });

  it.each([
    ["nothing has been made yet", {}],
    ["there is no account", { bronze: icebergTable([snapshot("1", null)]), dlq }],
    ["no stream has begun", { bronze: bronze({ bronzeSnapshot: "9" }), dlq }],
    ["there are no dead letters", { bronze: bronze({ bronzeSnapshot: "9", stream }) }],
    ["all is there", { bronze: bronze({ stream }), dlq }],
    ["both tables began empty", { bronze: bronze({ bronzeSnapshot: null, dlqSnapshot: null, stream }), dlq }],
    [
      "the job's commits are there",
      { bronze: bronze({ stream: committed }, [snapshot("1", null), by("3", "1", 3)]), dlq },
    ],
  ])("is not missing where %s", (_what, tables) => {
    expect(expiredOf("bronze", tables)).toBeUndefined();
  });

  it.each([
    [
      "bronze's snapshot",
      { bronze: bronze({ bronzeSnapshot: "9", stream }), dlq },
      "bronze.b no longer has snapshot 9: another tool has expired it",
    ],
    [
      "the dead letters' snapshot",
      { bronze: bronze({ dlqSnapshot: "9", stream }), dlq },
      "bronze.d no longer has snapshot 9: another tool has expired it",
    ],
    [
      "what the job has committed",
      { bronze: bronze({ stream: committed }), dlq },
      "bronze no longer has the snapshot of checkpoint 3: another tool has expired it",
    ],
  ])("names %s", (_what, tables, text) => {
    expect(expiredOf("bronze", tables)).toBe(text);
  });
});

describe("what silver's stream needs", () => {
  const bronze = icebergTable([snapshot("1", null)], { id: ids.bronze });
  const silver = (state: object, snapshots = [snapshot("5", null)]) =>
    icebergTable(snapshots, {
      id: ids.silver,
      properties: {
        [silverProperty]: JSON.stringify({
          ...{ version: 1, bronzeSnapshot: "1", silverSnapshot: "5", rules: "r" },
          ...state,
        }),
      },
    });

  it.each([
    ["there is no bronze", { silver: silver({ silverSnapshot: "9", stream }) }],
    ["there is no silver", { bronze }],
    ["silver has no state", { bronze, silver: icebergTable([snapshot("5", null)]) }],
    ["no stream has begun", { bronze, silver: silver({ silverSnapshot: "9" }) }],
    ["all is there", { bronze, silver: silver({ stream }) }],
  ])("is not missing where %s", (_what, tables) => {
    expect(expiredOf("silver", tables)).toBeUndefined();
  });

  it.each([
    ["silver's snapshot", silver({ silverSnapshot: "9", stream }), "silver.s no longer has snapshot 9"],
    [
      "the one of bronze that it reads on from",
      silver({ bronzeSnapshot: "9", stream }),
      "bronze.b no longer has snapshot 9",
    ],
    [
      "what the job has committed",
      silver({ stream: committed }),
      "silver no longer has the snapshot of checkpoint 4",
    ],
  ])("names %s", (_what, table, text) => {
    expect(expiredOf("silver", { bronze, silver: table })).toBe(`${text}: another tool has expired it`);
  });
});
