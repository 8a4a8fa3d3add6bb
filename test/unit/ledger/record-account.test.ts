import { describe, expect, it } from "vitest";
import type { TableChange } from "../../../src/iceberg/catalog.js";
import { accountProperty } from "../../../src/ledger/account.js";
import { recordAccount, recordMark } from "../../../src/ledger/record-account.js";
import { accountOf, icebergTable, landedPartition, snapshot, withAccount } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

const stream = { run: "s", jobs: ["j1"], topology: "t" };

function catalog() {
  const commits: TableChange[] = [];
  const workspace = workspaceOf({ catalog: { commit: async (change) => void commits.push(change) } });
  /** What was committed, with the account read back. */
  const committed = () =>
    commits.map(({ setProperties = {}, ...change }) => ({
      ...change,
      account: JSON.parse(setProperties[accountProperty] ?? "null"),
      properties: Object.keys(setProperties),
    }));
  return { workspace, committed };
}

describe("recordAccount", () => {
  const {
    topic: _topic,
    bronzeSnapshot: _bronze,
    dlqSnapshot: _dlq,
    ...advanced
  } = accountOf({
    partitions: [landedPartition(0, 9, { lost: 4 })],
    stream,
  });

  it.each([
    ["where both tables are", [snapshot("7", null)], [snapshot("8", null)], "7", "8"],
    ["of tables without a row", [], [], null, null],
  ])(
    "records it %s, if bronze is still there",
    async (_what, inBronze, inDlq, bronzeSnapshot, dlqSnapshot) => {
      const { workspace, committed } = catalog();
      const [bronze, dlq] = [icebergTable(inBronze), icebergTable(inDlq)];
      await recordAccount(workspace, { bronze, dlq }, advanced);
      expect(committed()).toEqual([
        {
          id: bronze.id,
          assertRefs: { main: bronzeSnapshot },
          account: { ...advanced, topic: "taxi.raw_trips", bronzeSnapshot, dlqSnapshot },
          properties: [accountProperty],
        },
      ]);
    },
  );
});

describe("recordMark", () => {
  const account = accountOf({ partitions: [landedPartition(0, 9)], stream });
  const stopped = { ...stream, stopped: { at: "2026-01-31T12:00:00.000Z", savepoint: "file:///s" } };

  it("changes the stream's mark, and nothing else of the account", async () => {
    const { workspace, committed } = catalog();
    const bronze = icebergTable([snapshot("1", null), snapshot("3", "1")], {
      properties: withAccount(account),
    });
    await recordMark(workspace, bronze, stopped);
    expect(committed()).toMatchObject([
      { assertRefs: { main: "3" }, account: { ...account, stream: stopped } },
    ]);
  });

  it("is refused where a table got its first row meanwhile", async () => {
    const { workspace, committed } = catalog();
    const empty = { ...account, bronzeSnapshot: null };
    await recordMark(workspace, icebergTable([], { properties: withAccount(empty) }), stopped);
    expect(committed()).toMatchObject([{ assertRefs: { main: null } }]);
  });

  it("does nothing without an account", async () => {
    const { workspace, committed } = catalog();
    await recordMark(workspace, icebergTable([snapshot("1", null)]), stopped);
    expect(committed()).toEqual([]);
  });
});
