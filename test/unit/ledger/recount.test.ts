import { describe, expect, it } from "vitest";
import { branchOf } from "../../../src/lake/branches.js";
import { noHashes } from "../../../src/lake/hash-sum.js";
import { accountProperty } from "../../../src/ledger/account.js";
import type { Found } from "../../../src/ledger/count-rows.js";
import { accountFrom, accountInForce } from "../../../src/ledger/recount.js";
import { fakeGateway } from "../../helpers/gateway.js";
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
import { workspaceOf } from "../../helpers/workspace.js";

const at = (partition: number, first: number, end: number) => ({ partition, first, end });
/** Rows of so many distinct offsets from `min` to `max`; dead letters are none unless told. */
const found = (partition: number, min: number, max: number, more: Partial<Found> = {}): Found => {
  const offsets = more.offsets ?? max - min + 1;
  return {
    incarnation: 0,
    partition,
    bronze: offsets,
    dlq: 0,
    removed: 0,
    extra: 0,
    hashes: noHashes,
    min,
    max,
    ...more,
    offsets,
  };
};
const count = (
  rows: Found[],
  offsets: ReturnType<typeof at>[],
  known: Parameters<typeof accountFrom>[3] = undefined,
  acceptLoss = false,
  id: string = topicId,
) => accountFrom(rows, "t", topicOf(offsets, id), known, acceptLoss);

describe("the account that rows tell", () => {
  it("goes on behind rows without a hole, whoever wrote them", () => {
    const { account, present } = count(
      [found(0, 0, 9), found(1, 5, 9)],
      [at(0, 0, 20), at(1, 5, 9), at(2, 3, 4)],
    );
    expect(account).toEqual({
      version: 5,
      topic: "t",
      topicId,
      incarnation: 0,
      partitions: [
        landedPartition(0, 10),
        landedPartition(1, 10, { first: 5 }),
        landedPartition(2, 3, { first: 3 }),
      ],
    });
    expect(present.size).toBe(0);
  });

  it("reads a partition with a hole again from its beginning, and knows what of it is there", () => {
    const { account, present } = count(
      [found(0, 0, 99, { offsets: 90, dlq: 4, bronze: 86 })],
      [at(0, 0, 120)],
    );
    expect(account.partitions).toEqual([{ ...landedPartition(0, 0), bronze: 86, dlq: 4 }]);
    expect([...present]).toEqual([[0, 90]]);
  });

  it("finds a hole at the end by what was recorded, although no row lies behind it", () => {
    const known = accountOf({ partitions: [landedPartition(0, 100, { dlq: 2 })] });
    const { account, present } = count([found(0, 0, 49)], [at(0, 0, 100)], known);
    expect(account.partitions).toEqual([{ ...landedPartition(0, 0), bronze: 50 }]);
    expect([...present]).toEqual([[0, 50]]);
  });

  it("keeps what was recorded of offsets that can never have a row", () => {
    const known = accountOf({
      partitions: [landedPartition(0, 100, { withoutRecord: 7, lost: 20 }), landedPartition(1, 4)],
    });
    const rows = [found(0, 20, 109, { offsets: 83 }), found(1, 0, 3)];
    const { account } = count(rows, [at(0, 50, 200), at(1, 0, 4)], known);
    expect(account.partitions).toEqual([
      landedPartition(0, 110, { withoutRecord: 7, lost: 20 }),
      landedPartition(1, 4),
    ]);
  });

  it("refuses a hole that Kafka can no longer fill, and puts it on record when that is accepted", async () => {
    const rows = [found(0, 0, 99, { offsets: 90, removed: 34 })];
    const error = await problemOf(() => count(rows, [at(0, 40, 100)]));
    // Without an account, the tables' first offset is where it begins: 40 offsets were removed, 34 of them have rows.
    expect(error).toMatchObject({ kind: "failed", code: "records_lost" });
    expect(error.message).toContain("partition 0: 6 offsets before 40");
    const { account, present } = count(rows, [at(0, 40, 100)], undefined, true);
    expect(account.partitions).toEqual([{ ...landedPartition(0, 40, { lost: 6 }), bronze: 90 }]);
    expect([...present]).toEqual([[0, 56]]);
  });

  it("refuses rows that were written twice: nothing can be taken to make them right", async () => {
    const error = await problemOf(() => count([found(0, 0, 9, { bronze: 12 })], [at(0, 0, 10)]));
    expect(error).toMatchObject({ code: "rows_doubled" });
    expect(error.message).toContain("partition 0: 2 rows too many");
  });

  it("refuses rows before the first offset that was ever taken", async () => {
    const known = accountOf({ partitions: [landedPartition(0, 20, { first: 10 })] });
    expect((await problemOf(() => count([found(0, 5, 19)], [at(0, 0, 20)], known))).code).toBe(
      "account_untrusted",
    );
  });

  it("is not misled by a row outside that makes up for a hole inside", async () => {
    const known = accountOf({ partitions: [landedPartition(0, 20, { first: 10 })] });
    const rows = [found(0, 5, 19, { offsets: 10 })];
    expect((await problemOf(() => count(rows, [at(0, 0, 20)], known))).code).toBe("account_untrusted");
  });

  it("cannot fill a hole of a topic that is gone", async () => {
    const known = accountOf({ partitions: [landedPartition(0, 10)] });
    const rows = [found(0, 0, 7)];
    expect((await problemOf(() => count(rows, [at(0, 0, 99)], known, false, "another"))).code).toBe(
      "records_lost",
    );
    const { account } = count(rows, [at(0, 0, 99)], known, true, "another");
    expect(account).toMatchObject({
      incarnation: 0,
      topicId,
      partitions: [landedPartition(0, 10, { lost: 2 })],
    });
  });

  it("keeps the incarnations apart", () => {
    const known = accountOf({
      incarnation: 1,
      partitions: [landedPartition(0, 10), landedPartition(0, 5, { incarnation: 1 })],
    });
    const rows = [found(0, 0, 9), found(0, 0, 6, { incarnation: 1 })];
    expect(count(rows, [at(0, 0, 9)], known).account.partitions).toEqual([
      landedPartition(0, 10),
      landedPartition(0, 7, { incarnation: 1 }),
    ]);
  });
});

describe("what was left out on purpose, where rows are counted again", () => {
  /** Of a stream that began with `--start latest` at 40, after 30 landed, 4 of them dead letters. */
  const known = accountOf({ partitions: [landedPartition(0, 60, { dlq: 4, skipped: 10, lost: 3 })] });
  /** What has landed: 47 of 60 offsets, the first of them at 0. */
  const rows = (more: Partial<Found> = {}) => [found(0, 0, 59, { offsets: 47, dlq: 4, bronze: 43, ...more })];

  it("stays so while all else is there", () => {
    expect(count(rows(), [at(0, 0, 60)], known).account.partitions).toEqual(known.partitions);
  });

  it("is read with the rest where a hole makes its partition be read again", () => {
    const { account, present } = count(rows({ offsets: 46, bronze: 42 }), [at(0, 3, 60)], known);
    // Offsets 0 to 2 were removed: three were lost, and no row lies there.
    expect(account.partitions).toEqual([{ ...landedPartition(0, 3, { lost: 3, dlq: 4 }), bronze: 42 }]);
    expect([...present]).toEqual([[0, 46]]);
  });

  it("is not taken for lost where Kafka has removed all that ever landed", () => {
    const { account, present } = count(
      rows({ offsets: 46, bronze: 42, removed: 46 }),
      [at(0, 60, 70)],
      known,
      true,
    );
    expect(account.partitions).toEqual([
      { ...landedPartition(0, 60, { skipped: 10, lost: 4, dlq: 4 }), bronze: 42 },
    ]);
    expect([...present]).toEqual([[0, 0]]);
  });

  it("is lost where nobody remembers which of the offsets before a hole were skipped", async () => {
    const error = await problemOf(() =>
      count(rows({ offsets: 46, bronze: 42, removed: 30 }), [at(0, 50, 60)], known),
    );
    expect(error).toMatchObject({ code: "records_lost", hint: expect.stringContaining("--accept-loss") });
    expect(error.message).toContain("partition 0: 17 offsets before 50");
  });

  it("comes after offsets that hold no record, of which as many are explained as there were", () => {
    const transactional = accountOf({ partitions: [landedPartition(0, 20, { withoutRecord: 5 })] });
    const read = (removed: number) =>
      count([found(0, 0, 19, { offsets: 13, removed })], [at(0, 10, 20)], transactional, true).account;
    expect(read(7).partitions[0]).toMatchObject({ next: 10, withoutRecord: 3, lost: 0 });
    expect(read(5).partitions[0]).toMatchObject({ next: 10, withoutRecord: 5, lost: 0 });
    expect(read(4).partitions[0]).toMatchObject({ next: 10, withoutRecord: 5, lost: 1 });
  });
});

describe("partitions and incarnations of a count", () => {
  it("are in order: older incarnations first, then the partitions of today", () => {
    const rows = [found(10, 0, 4, { incarnation: 1 }), found(2, 0, 4, { incarnation: 1 }), found(0, 0, 4)];
    const { account } = count(rows, [at(0, 0, 5), at(2, 0, 5), at(10, 0, 5)]);
    expect(account.incarnation).toBe(1);
    expect(account.partitions.map(({ incarnation, partition }) => [incarnation, partition])).toEqual([
      [0, 0],
      [1, 0],
      [1, 2],
      [1, 10],
    ]);
  });

  it("have lines for what was recorded and has no rows any more", async () => {
    const known = accountOf({
      incarnation: 1,
      partitions: [landedPartition(1, 3), landedPartition(4, 2, { incarnation: 1 })],
    });
    const { account } = count([], [at(4, 0, 2)], known, true);
    expect(account.partitions).toEqual([
      { ...landedPartition(1, 3, { lost: 3 }), bronze: 0 },
      { ...landedPartition(4, 0, { incarnation: 1 }), bronze: 0 },
    ]);
    const error = await problemOf(() => count([], [at(4, 0, 2)], known));
    expect(error.message).toContain("partition 1: 3 offsets before 3");
    expect(error.message).not.toContain("partition 4");
  });

  it("do not take a topic that was made again for the one that rows came from", () => {
    const known = accountOf({ partitions: [landedPartition(0, 10)] });
    const { account, present } = count(
      [found(0, 0, 9)],
      [at(0, 0, 99), at(1, 0, 5)],
      known,
      false,
      "another",
    );
    expect(account).toMatchObject({ topicId, partitions: [landedPartition(0, 10)] });
    expect(present.size).toBe(0);
  });

  it("name rows that are there twice, by incarnation", async () => {
    const rows = [
      found(0, 0, 9, { incarnation: 1, bronze: 9, dlq: 1_600 }),
      found(1, 0, 9, { bronze: 9, dlq: 1 }),
    ];
    const error = await problemOf(() => count(rows, []));
    expect(error.message.split("\n").slice(1)).toEqual(["  incarnation 1, partition 0: 1,599 rows too many"]);
    expect(error.hint).toBe("pipectl repair removes them");
    const known = accountOf({ incarnation: 1, bronzeSnapshot: "7", dlqSnapshot: null });
    expect((await problemOf(() => count(rows, [], known))).hint).toBe(
      "pipectl repair removes them; the account was made for snapshot 7 of bronze and none of the dead letters",
    );
  });
});

describe("accountInForce", () => {
  const stream = { run: "s", jobs: ["j1"], topology: "t" };
  const partitions = [landedPartition(0, 10)];
  const topic = topicOf([at(0, 0, 30)]);
  const streamed = (id: string, parent: string, rows: Record<number, number>) => {
    const one = landing(id, parent, rows);
    return { ...one, summary: { ...one.summary, "flink.job-id": "j1" } };
  };
  const tables = (more: Parameters<typeof accountOf>[0], inBronze: ReturnType<typeof landing>[] = []) => ({
    bronze: icebergTable([snapshot("1", null), ...inBronze], {
      properties: withAccount(accountOf({ partitions, ...more })),
    }),
    dlq: icebergTable([snapshot("2", null)]),
  });
  /** What holds where Flink counts these rows: of what the stream has appended, and of all. */
  const inForce = async (
    both: ReturnType<typeof tables>,
    { appended = [], all = [] }: { appended?: number[][]; all?: number[][] } = {},
    acceptLoss = false,
  ) => {
    const { runtime, queries } = await fakeGateway((query) =>
      query.includes("start-snapshot-id") ? appended : all,
    );
    const workspace = workspaceOf({ runtime, kafka: { countRecords: async () => 0 } });
    const found = await accountInForce(workspace, both, topic, acceptLoss);
    const warnings = workspace.events.flatMap((event) => (event.type === "warning" ? [event.text] : []));
    return { ...found, queries: queries.length, warnings };
  };

  it("is none where nothing has landed", async () => {
    const nothing = { bronze: icebergTable(), dlq: icebergTable() };
    expect(await inForce(nothing)).toEqual({ account: undefined, counted: false, queries: 0, warnings: [] });
  });

  it("is the recorded one where nothing has come since, and no row is read", async () => {
    expect(await inForce(tables({ stream }))).toEqual({
      ...{ account: accountOf({ partitions, stream }), counted: false, queries: 0, warnings: [] },
    });
  });

  it("has what the stream has appended, once that is proven by counting", async () => {
    const grown = tables({ stream }, [streamed("3", "1", { 0: 5 })]);
    expect(await inForce(grown, { appended: [[0, 0, 5, 0, 5, 0, 10, 14, 0]] })).toEqual({
      account: accountOf({ partitions: [landedPartition(0, 15)], stream, bronzeSnapshot: "3" }),
      ...{ counted: true, queries: 1, warnings: [] },
    });
  });

  it("has dead letters of the stream counted, too, though bronze has not moved", async () => {
    const { bronze } = tables({ stream });
    const dlq = icebergTable([snapshot("2", null), streamed("4", "2", { 0: 2 })]);
    const { account, counted } = await inForce(
      { bronze, dlq },
      { appended: [[0, 0, 0, 2, 2, 0, 10, 11, 0]] },
    );
    expect({ account, counted }).toEqual({
      account: accountOf({ partitions: [landedPartition(0, 12, { dlq: 2 })], stream, dlqSnapshot: "4" }),
      counted: true,
    });
  });

  it("is what all rows tell where the stream has left a hole", async () => {
    const grown = tables({ stream }, [streamed("3", "1", { 0: 5 })]);
    const rows = { appended: [[0, 0, 5, 0, 5, 0, 12, 16, 0]], all: [[0, 0, 15, 0, 15, 0, 0, 16, 0]] };
    const { account, counted, present, queries, warnings } = await inForce(grown, rows);
    expect(account).toEqual({
      ...{ version: 5, topic: "taxi.raw_trips", topicId, incarnation: 0, run: "" },
      ...{ bronzeSnapshot: "3", dlqSnapshot: "2", partitions: [{ ...landedPartition(0, 0), bronze: 15 }] },
    });
    expect({ counted, present: [...(present ?? [])], queries }).toEqual({
      ...{ counted: true, present: [[0, 15]], queries: 2 },
    });
    expect(warnings).toEqual([expect.stringContaining("skipped offsets")]);
  });

  it("is what all rows tell where another program has written to a table, and says so", async () => {
    const touched = tables({}, [landing("3", "1", { 0: 1 })]);
    const { account, counted, queries, warnings } = await inForce(touched, {
      all: [[0, 0, 11, 0, 11, 0, 0, 10, 0]],
    });
    expect(account).toMatchObject({ bronzeSnapshot: "3", partitions: [landedPartition(0, 11)] });
    expect({ counted, queries }).toEqual({ counted: true, queries: 1 });
    expect(warnings).toEqual([expect.stringContaining("another program wrote to it")]);
  });

  it("takes all again where the tables were emptied", async () => {
    const emptied = {
      bronze: icebergTable([], {
        properties: withAccount(accountOf({ partitions: [landedPartition(0, 10)] })),
      }),
      dlq: icebergTable(),
    };
    const { account, present } = await inForce(emptied);
    expect(account).toMatchObject({
      bronzeSnapshot: null,
      dlqSnapshot: null,
      partitions: [{ next: 0, bronze: 0 }],
    });
    expect([...(present ?? [])]).toEqual([[0, 0]]);
  });

  it("says where not even the topic's id is left of a damaged account", async () => {
    const both = {
      bronze: icebergTable([snapshot("1", null)], { properties: { [accountProperty]: '{"version":3' } }),
      dlq: icebergTable(),
    };
    const { account, warnings } = await inForce(both, { all: [[0, 0, 10, 0, 10, 0, 0, 9, 0]] });
    expect(account).toMatchObject({ topicId, partitions: [landedPartition(0, 10)] });
    expect(warnings).toEqual([
      expect.stringContaining("damaged"),
      expect.stringContaining("not even the id of taxi.raw_trips"),
    ]);
  });

  it("is not asked for while a run is half published: somebody must finish it first", async () => {
    const account = accountOf({ partitions, dlqSnapshot: "4" });
    const both = {
      bronze: icebergTable([snapshot("1", null)], { properties: withAccount(account) }),
      dlq: icebergTable([snapshot("2", null), snapshot("4", "2")], {
        refs: { main: "2", [branchOf(account.run)]: "4" },
      }),
    };
    expect((await problemOf(() => inForce(both))).code).toBe("publication_unfinished");
  });
});
