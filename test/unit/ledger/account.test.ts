import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../src/iceberg/catalog.js";
import { branchOf } from "../../../src/lake/branches.js";
import {
  accountProperty,
  advance,
  isRemade,
  landedOf,
  partitionName,
  progressOf,
  readAccount,
  requirePublished,
  unfinished,
} from "../../../src/ledger/account.js";
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

describe("a table that is not as its account says", () => {
  const stream = { run: "s", jobs: ["j1"], topology: "t" };
  const stopped = { ...stream, stopped: { at: "2026-01-31T12:00:00.000Z", savepoint: "file:///s" } };
  const dlq = icebergTable([snapshot("2", null)]);
  const by = (job: string, id: string, parent: string | null) =>
    snapshot(id, parent, { summary: { "flink.job-id": job } });
  const bronze = (
    account: Partial<Parameters<typeof accountOf>[0]>,
    ...more: Parameters<typeof icebergTable>
  ) => icebergTable(more[0], { ...more[1], properties: withAccount(accountOf(account)) });

  it("was set back behind its stream: the job's state would not bring those rows again", async () => {
    const table = bronze({ stream }, [append, by("j1", "3", "1")], { refs: { main: "1" } });
    const error = await problemOf(() => readAccount(table, dlq));
    expect(error).toMatchObject({
      code: "account_untrusted",
      hint: expect.stringContaining("pipectl repair"),
    });
    expect(error.message).toContain("was rolled back");
  });

  it.each([
    ["while its stream runs", { stream }],
    ["while no stream runs", {}],
    ["while its stream is stopped", { stream: stopped }],
  ])("has lost the account's snapshot %s", async (_what, account) => {
    const table = bronze(account, [snapshot("8", "1")]);
    const error = await problemOf(() => readAccount(table, dlq));
    expect(error.message).toContain(
      "bronze.raw_trips no longer has snapshot 1, for which its account was made",
    );
    expect(error.hint).toBe(
      "pipectl repair counts every row by partition and offset, and ingests the missing records",
    );
  });

  it("has the rows of one checkpoint twice: Iceberg's sink took a conflict with itself for one with somebody else", async () => {
    const account = accountOf({ stream: { run: "s", jobs: ["j"], topology: "t" } });
    const of = (id: string, parent: string, checkpoint: number, rows: number): Snapshot => {
      const one = landing(id, parent, { 0: rows });
      const flink = { "flink.job-id": "j", "flink.max-committed-checkpoint-id": String(checkpoint) };
      return { ...one, summary: { ...one.summary, ...flink } };
    };
    const read = (...snapshots: Snapshot[]) =>
      readAccount(
        icebergTable([append, ...snapshots], { properties: withAccount(account) }),
        icebergTable([snapshot("2", null)]),
      );
    const error = await problemOf(() => read(of("3", "1", 7, 5), of("4", "3", 8, 5), of("5", "4", 8, 5)));
    expect(error).toMatchObject({ kind: "failed", code: "account_untrusted" });
    expect(error.message).toBe("bronze.raw_trips has the rows of the stream's checkpoint 8 twice");
    expect(error.hint).toContain("pipectl repair");
    expect(read(of("3", "1", 7, 5), of("4", "3", 8, 5), of("5", "4", 9, 5))?.partitions).toMatchObject([
      { bronze: 15 },
    ]);
  });

  it("has rows, but its account was made for none", async () => {
    const error = await problemOf(() => readAccount(bronze({ bronzeSnapshot: null }, [append]), dlq));
    expect(error.message).toContain("is at snapshot 1, but its account was made for none");
  });

  it("does not take rows of the stream for those of an incarnation before", () => {
    const lines = [landedPartition(0, 9), landedPartition(0, 3, { incarnation: 1 })];
    const one = landing("3", "1", { 0: 4 });
    const appended = { ...one, summary: { ...one.summary, "flink.job-id": "j1" } };
    const table = bronze({ incarnation: 1, partitions: lines, stream }, [append, appended]);
    expect(readAccount(table, dlq)?.partitions).toEqual([
      landedPartition(0, 9),
      landedPartition(0, 7, { incarnation: 1 }),
    ]);
  });
});

describe("requirePublished", () => {
  it("asks nothing of tables that are not there", () => {
    const account = accountOf({ dlqSnapshot: "12" });
    const bronze = icebergTable([append], { properties: withAccount(account) });
    const dlq = icebergTable([snapshot("11", null), snapshot("12", "11")], {
      refs: { main: "11", [branchOf(account.run)]: "12" },
    });
    expect(() => requirePublished({ bronze })).not.toThrow();
    expect(() => requirePublished({ dlq })).not.toThrow();
    expect(() => requirePublished({ bronze, dlq })).toThrow(
      expect.objectContaining({ message: expect.stringContaining(account.run) }),
    );
  });
});

describe("progressOf", () => {
  const account = accountOf({
    incarnation: 1,
    partitions: [landedPartition(0, 90), landedPartition(0, 30, { incarnation: 1, first: 10 })],
  });
  const landed = landedPartition(0, 30, { incarnation: 1, first: 10 });

  it.each([
    ["where it ended", account, topicId, [0, 0, 99], { landed, first: 10, next: 30, removed: 0 }],
    ["behind what was removed", account, topicId, [0, 33, 99], { landed, first: 10, next: 30, removed: 3 }],
    [
      "also where all was removed",
      account,
      topicId,
      [0, 30, 30],
      { landed, first: 10, next: 30, removed: 0 },
    ],
    [
      "at 0 in a partition that came later",
      account,
      topicId,
      [1, 4, 9],
      { landed: undefined, first: 0, next: 0, removed: 4 },
    ],
    [
      "at 0 in a topic that was made again",
      account,
      "another",
      [0, 4, 9],
      { landed: undefined, first: 0, next: 0, removed: 4 },
    ],
    [
      "at what there is, the first time",
      undefined,
      topicId,
      [0, 4, 9],
      { landed: undefined, first: 4, next: 4, removed: 0 },
    ],
  ] as const)("goes on %s", (_what, one, id, [partition, first, end], progress) => {
    expect(progressOf(one, topicOf([], id), { partition, first, end })).toEqual(progress);
  });
});

describe("advance", () => {
  const before = accountOf({
    partitions: [
      landedPartition(0, 50, { first: 5, dlq: 4, withoutRecord: 3, skipped: 2, lost: 1 }),
      landedPartition(1, 9),
    ],
  });
  const range = (
    partition: number,
    start: number,
    end: number,
    more: { lost?: number; skipped?: number } = {},
  ) => ({
    ...{ partition, start, end, lost: 0, skipped: 0, present: 0 },
    ...more,
  });
  const added = (partition: number, bronze: number, dlq = 0, withoutRecord = 0) => ({
    ...{ partition, bronze, dlq, withoutRecord },
  });

  it("adds to each term of a partition what a run took of it", () => {
    const ranges = [range(0, 60, 100, { lost: 10, skipped: 7 }), range(1, 9, 9)];
    expect(
      advance(before, { incarnation: 0, topicId, ranges }, "r", [added(1, 0), added(0, 20, 5, 8)]),
    ).toEqual({
      ...{ version: 5, hashForm: 1, incarnation: 0, topicId, run: "r" },
      partitions: [
        landedPartition(0, 100, { first: 5, dlq: 9, withoutRecord: 11, skipped: 9, lost: 11 }),
        landedPartition(1, 9),
      ],
    });
  });

  it("begins at the first offset that was ever taken, or lost", () => {
    const ranges = [range(0, 30, 40, { lost: 30 }), range(1, 7, 9)];
    const { partitions } = advance(undefined, { incarnation: 0, topicId, ranges }, "r", [
      added(0, 10),
      added(1, 2),
    ]);
    expect(partitions).toEqual([landedPartition(0, 40, { lost: 30 }), landedPartition(1, 9, { first: 7 })]);
  });

  it("keeps the totals of a topic that was made again apart from those of the new one", () => {
    const plan = { incarnation: 1, topicId: "another", ranges: [range(0, 0, 6)] };
    const advanced = advance(before, plan, "r", [added(0, 6)]);
    expect(advanced).toMatchObject({ incarnation: 1, topicId: "another" });
    expect(advanced.partitions).toEqual([...before.partitions, landedPartition(0, 6, { incarnation: 1 })]);
  });

  it("moves on over a range in which nothing was written", () => {
    const { partitions } = advance(
      before,
      { incarnation: 0, topicId, ranges: [range(1, 9, 12, { skipped: 3 })] },
      "r",
    );
    expect(partitions).toEqual([landedPartition(1, 12, { skipped: 3 })]);
  });
});

it("finds what has landed of a partition in today's incarnation only", () => {
  const account = accountOf({
    incarnation: 1,
    partitions: [landedPartition(0, 9), landedPartition(1, 4, { incarnation: 1 })],
  });
  expect([0, 1, 2].map((partition) => landedOf(account, partition)?.next)).toEqual([undefined, 4, undefined]);
  expect(landedOf(undefined, 0)).toBeUndefined();
});

it("names the incarnation of a partition only where there was more than one", () => {
  expect(partitionName({ incarnation: 0, partition: 3 })).toBe("partition 3");
  expect(partitionName({ incarnation: 2, partition: 3 })).toBe("incarnation 2, partition 3");
});
