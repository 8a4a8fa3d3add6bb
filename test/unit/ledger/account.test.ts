import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/iceberg/catalog.js";
import { branchOf } from "../../../src/lake/branches.js";
import { accountProperty, isRemade, readAccount, unfinished } from "../../../src/ledger/account.js";
import { problemOf } from "../../helpers/problem.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  landing,
  snapshot,
  topicId,
  topicOf,
  withAccount,
} from "../../helpers/tables.js";

const append = snapshot("1", null);
const compaction = snapshot("2", "1", { operation: "replace" });

describe("readAccount", () => {
  const account = accountOf({ partitions: [landedPartition(0, 3, { dlq: 1 })] });
  const bronze = icebergTable([append], { properties: withAccount(account) });
  const dlq = icebergTable([snapshot("2", null)], { id: { namespace: "bronze", table: "raw_trips_dlq" } });

  it("is the one that was committed with both snapshots", () => {
    expect(readAccount(bronze, dlq)).toEqual(account);
  });

  it("holds after compactions, and for a table that got no row", () => {
    const compacted = icebergTable([append, compaction], { properties: withAccount(account) });
    expect(readAccount(compacted, dlq)).toEqual(account);
    const empty = accountOf({ dlqSnapshot: null });
    expect(readAccount(icebergTable([append], { properties: withAccount(empty) }), icebergTable())).toEqual(
      empty,
    );
  });

  it("counts what its stream has appended since, also of a partition that came later", () => {
    const stream = { run: "s", jobs: ["j1", "j2"], topology: "t" };
    const marked = accountOf({ partitions: [landedPartition(0, 3, { dlq: 1 })], stream });
    const by = (job: string, one: Snapshot): Snapshot => ({
      ...one,
      summary: { ...one.summary, "flink.job-id": job },
    });
    const grown = icebergTable(
      [append, by("j1", landing("3", "1", { 0: 5 })), by("j2", landing("4", "3", { 0: 1, 1: 7 }))],
      { properties: withAccount(marked) },
    );
    const letters = icebergTable([snapshot("2", null), by("j2", landing("5", "2", { 0: 2 }))]);
    expect(readAccount(grown, letters)).toEqual({
      ...marked,
      partitions: [landedPartition(0, 11, { dlq: 3 }), landedPartition(1, 7)],
    });
    expect(readAccount(icebergTable([append], { properties: withAccount(marked) }), dlq)).toEqual(marked);
  });

  it("takes over what an older version wrote, which knew one incarnation and no topic's id", () => {
    const old = {
      ...{
        version: 1,
        topic: "taxi.raw_trips",
        epoch: 0,
        run: account.run,
        bronzeSnapshot: "1",
        dlqSnapshot: "2",
      },
      partitions: [{ partition: 0, first: 0, next: 3, bronze: 2, dlq: 1 }],
    };
    const table = icebergTable([append], { properties: { [accountProperty]: JSON.stringify(old) } });
    expect(readAccount(table, dlq)).toEqual({ ...account, topicId: null });
  });

  it("is undefined when nothing has landed", () => {
    expect(readAccount(undefined, undefined)).toBeUndefined();
    expect(readAccount(icebergTable(), icebergTable())).toBeUndefined();
  });

  it.each([
    [
      "rows without an account",
      icebergTable([append]),
      undefined,
      "bronze.raw_trips has rows, but no account",
    ],
    ["dead letters without an account", undefined, dlq, "bronze.raw_trips_dlq has rows, but no account"],
    [
      "an append by another program",
      icebergTable([append, snapshot("8", "1")], { properties: withAccount(account) }),
      dlq,
      "bronze.raw_trips is at snapshot 8, but its account was made for 1",
    ],
    [
      "dead letters by another program",
      bronze,
      icebergTable([snapshot("2", null), snapshot("9", "2")], { id: dlq.id }),
      "bronze.raw_trips_dlq is at snapshot 9, but its account was made for 2",
    ],
    [
      "a table that was emptied",
      icebergTable([], { properties: withAccount(account) }),
      dlq,
      "bronze.raw_trips is at snapshot none, but its account was made for 1",
    ],
  ])("does not trust %s", async (_name, one, other, why) => {
    const error = await problemOf(() => readAccount(one, other));
    expect(error).toMatchObject({ kind: "failed", code: "account_untrusted" });
    expect(error.message).toContain(why);
    expect(error.message).toContain("another program wrote to it");
  });

  it("says that the dead-letter table is gone", async () => {
    expect((await problemOf(() => readAccount(bronze, undefined))).code).toBe("table_missing");
  });
});

describe("isRemade", () => {
  it.each([
    ["the same id", topicId, topicId, false],
    ["another id", topicId, "5c04789fad4342a88e242c63c69985bb", true],
    ["a broker without ids", topicId, null, false],
    ["an account without one", null, topicId, false],
  ])("%s", (_name, recorded, now, remade) => {
    expect(isRemade(accountOf({ topicId: recorded }), topicOf([], now))).toBe(remade);
  });
});

describe("unfinished", () => {
  const account = accountOf({ bronzeSnapshot: "1", dlqSnapshot: "12" });
  const branch = branchOf(account.run);
  const bronze = icebergTable([snapshot("1", null)], { properties: withAccount(account) });
  const dlqOf = (refs: Record<string, string>, snapshots = [snapshot("11", null), snapshot("12", "11")]) =>
    icebergTable(snapshots, { refs });

  it("is the commit of dead letters that a run killed after that of bronze has not made", async () => {
    const dlq = dlqOf({ main: "11", [branch]: "12" });
    expect(unfinished(bronze, dlq)).toEqual({
      id: dlq.id,
      assertRefs: { main: "11", [branch]: "12" },
      setRefs: { main: "12" },
      removeRefs: [branch],
    });
    const error = await problemOf(() => readAccount(bronze, dlq));
    expect(error).toMatchObject({ code: "publication_unfinished", hint: "pipectl process finishes it" });
  });

  it("is also that of the first dead letters of a table", () => {
    const dlq = dlqOf({ [branch]: "11" }, [snapshot("11", null)]);
    const first = accountOf({ bronzeSnapshot: "1", dlqSnapshot: "11" });
    expect(unfinished({ ...bronze, properties: withAccount(first) }, dlq)).toMatchObject({
      assertRefs: { main: null },
      setRefs: { main: "11" },
    });
  });

  it.each([
    ["it was published", bronze, dlqOf({ main: "12" })],
    ["somebody rolled the dead letters back", bronze, dlqOf({ main: "11" })],
    ["the branch is another run's", bronze, dlqOf({ main: "11", pipectl_other: "12" })],
    ["the branch has moved", bronze, dlqOf({ main: "11", [branch]: "11" })],
    [
      "somebody else wrote to the dead letters",
      bronze,
      dlqOf({ main: "13", [branch]: "12" }, [
        snapshot("11", null),
        snapshot("12", "11"),
        snapshot("13", "11"),
      ]),
    ],
    [
      "bronze is not where the account says",
      icebergTable([snapshot("1", null), snapshot("2", "1")], { properties: withAccount(account) }),
      dlqOf({ main: "11", [branch]: "12" }),
    ],
    ["there is no account", icebergTable([snapshot("1", null)]), dlqOf({ main: "11", [branch]: "12" })],
  ])("is nothing when %s", (_name, one, other) => {
    expect(unfinished(one, other)).toBeUndefined();
  });
});
