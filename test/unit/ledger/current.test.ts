import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unavailable } from "../../../src/core/errors.js";
import type { Table, TableId } from "../../../src/iceberg/catalog.js";
import type { PartitionOffsets } from "../../../src/kafka/offsets.js";
import { currentAccount, overdueMs, topicAndTables } from "../../../src/ledger/current.js";
import { fakeGateway } from "../../helpers/gateway.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  landing,
  snapshot,
  topicOf,
  withAccount,
} from "../../helpers/tables.js";
import { configOf, workspaceOf } from "../../helpers/workspace.js";

const now = 1_800_000_000_000;
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now }));
afterEach(() => void vi.useRealTimers());

const stream = { run: "s", jobs: ["j1"], topology: "t" };
const at = (partition: number, first: number, end: number): PartitionOffsets => ({ partition, first, end });
const bronzeOf = (account: Parameters<typeof accountOf>[0], ...more: Table["snapshots"]) =>
  icebergTable([snapshot("1", null, { timestampMs: 0 }), ...more], {
    properties: withAccount(accountOf(account)),
  });
const dlqOf = (...more: Table["snapshots"]) =>
  icebergTable([snapshot("2", null, { timestampMs: 0 }), ...more]);
/** An append of the stream's job, so many seconds ago. */
const streamed = (id: string, parent: string, rows: Record<number, number>, secondsAgo = 0) => {
  const one = landing(id, parent, rows);
  return { ...one, timestampMs: now - secondsAgo * 1_000, summary: { ...one.summary, "flink.job-id": "j1" } };
};

interface Look {
  readonly bronze?: Table;
  readonly dlq?: Table;
  readonly offsets: readonly PartitionOffsets[];
  /** Of each partition: the offset and the age in seconds of a record that waits. */
  readonly records?: Readonly<Record<number, readonly [offset: number, age: number]>>;
  readonly committed?: readonly (readonly [number, number | null])[];
  /** What Flink counts; undefined where it cannot. */
  readonly rows?: readonly (readonly unknown[])[];
  readonly inKafka?: number;
  readonly signal?: AbortSignal;
}

async function look({ bronze, dlq, offsets, records = {}, committed, rows, inKafka = 0, signal }: Look) {
  const { runtime, queries } = await fakeGateway(() => rows ?? []);
  const asked: [partition: number, start: number, end: number][] = [];
  const silent = { ...runtime, gateway: () => Promise.reject(unavailable("gateway_error", "no answer")) };
  const workspace = workspaceOf({
    runtime: rows === undefined ? silent : runtime,
    ...(signal === undefined ? {} : { signal }),
    kafka: {
      firstRecord: async (_topic, { partition, start, end }) => {
        asked.push([partition, start, end]);
        const [offset, age] = records[partition] ?? [-1, 0];
        return offset >= start && offset < end ? { offset, timestampMs: now - age * 1_000 } : undefined;
      },
      countRecords: async () => inKafka,
    },
  });
  const tables = { ...(bronze === undefined ? {} : { bronze }), ...(dlq === undefined ? {} : { dlq }) };
  const current = await currentAccount(
    workspace,
    tables,
    topicOf(offsets),
    ...(committed === undefined ? [] : [new Map(committed)]),
  );
  const waiting = [...current.waiting].map(([partition, { offset }]) => [partition, offset]);
  return { ...current, waiting, partitions: current.account?.partitions, asked, queries };
}

describe("what waits", () => {
  it("is looked for behind what has landed and what Kafka has removed, and nowhere else", async () => {
    const partitions = [landedPartition(0, 10), landedPartition(1, 5), landedPartition(2, 7)];
    const { waiting, asked } = await look({
      bronze: bronzeOf({ partitions }),
      dlq: dlqOf(),
      offsets: [at(0, 0, 20), at(1, 8, 20), at(2, 0, 7), at(3, 4, 9)],
      records: { 0: [12, 1], 3: [4, 1] },
    });
    expect(asked).toEqual([
      [0, 10, 20],
      [1, 8, 20],
      [3, 4, 9],
    ]);
    expect(waiting).toEqual([
      [0, 12],
      [3, 4],
    ]);
  });

  it("is all that there is where nothing has landed", async () => {
    const seen = await look({ offsets: [at(0, 3, 9)], records: { 0: [3, 40] } });
    expect(seen).toMatchObject({ account: undefined, waiting: [[0, 3]], stuckMs: 40_000, broken: false });
  });
});

describe("how long nothing has moved", () => {
  const partitions = [landedPartition(0, 10), landedPartition(1, 10)];
  const offsets = [at(0, 0, 20), at(1, 0, 20)];
  const landedAgo = (
    id: string,
    parent: string,
    partition: number,
    secondsAgo: number,
    operation = "append",
  ) => ({
    ...streamed(id, parent, { [partition]: 0 }, secondsAgo),
    operation,
  });

  it.each<[string, Partial<Look>, number]>([
    ["nothing waits", {}, 0],
    ["a record has just come", { records: { 0: [10, 3] } }, 3],
    ["a record comes from the future", { records: { 0: [10, -60] } }, 0],
    ["two wait: that of the one that waits longer", { records: { 0: [10, 3], 1: [11, 20] } }, 20],
    [
      "rows came since the record did",
      { records: { 0: [10, 90] }, bronze: bronzeOf({ partitions, stream }, landedAgo("3", "1", 0, 8)) },
      8,
    ],
    [
      "dead letters came since",
      { records: { 0: [10, 90] }, dlq: dlqOf(landedAgo("3", "2", 0, 9), landedAgo("4", "3", 0, 7)) },
      7,
    ],
    [
      "rows came to the other partition only",
      { records: { 0: [10, 90] }, bronze: bronzeOf({ partitions, stream }, landedAgo("3", "1", 1, 8)) },
      90,
    ],
    [
      "a compaction came since: it brings no rows",
      {
        records: { 0: [10, 90] },
        bronze: bronzeOf({ partitions, stream }, landedAgo("3", "1", 0, 8, "replace")),
      },
      90,
    ],
  ])("%s", async (_what, more, seconds) => {
    const { stuckMs } = await look({
      bronze: bronzeOf({ partitions, stream }),
      dlq: dlqOf(),
      offsets,
      ...more,
    });
    expect(stuckMs).toBe(seconds * 1_000);
  });

  it("is too long after two checkpoints and a quarter of a minute", () => {
    expect([0, 10_000, 60_000].map(overdueMs)).toEqual([15_000, 35_000, 135_000]);
  });
});

describe("offsets at the end that hold no record", () => {
  const partitions = [
    landedPartition(0, 99),
    ...[0, 1, 2, 3, 4].map((partition) =>
      landedPartition(partition, 10, { incarnation: 1, withoutRecord: 2 }),
    ),
  ];
  const offsets = [at(0, 0, 14), at(1, 0, 14), at(2, 11, 14), at(3, 10, 10)];

  it("are behind a stream, where none of them waits and Kafka has removed none", async () => {
    const bronze = bronzeOf({ incarnation: 1, partitions, stream });
    const seen = await look({ bronze, dlq: dlqOf(), offsets, records: { 1: [13, 1] } });
    expect(seen.partitions).toEqual([
      landedPartition(0, 99),
      landedPartition(0, 14, { incarnation: 1, withoutRecord: 6 }),
      ...partitions.slice(2),
    ]);
    expect(seen).toMatchObject({ broken: false, queries: [] });
  });

  it("stay before a batch run, which counts them itself", async () => {
    const seen = await look({ bronze: bronzeOf({ incarnation: 1, partitions }), dlq: dlqOf(), offsets });
    expect(seen.partitions).toEqual(partitions);
  });
});

describe("a stream whose appends do not tell enough", () => {
  const partitions = [landedPartition(0, 90), landedPartition(0, 10, { incarnation: 1 })];
  const bronze = (secondsAgo: number) =>
    bronzeOf({ incarnation: 1, partitions, stream }, streamed("3", "1", { 0: 5 }, secondsAgo));
  const before = [landedPartition(0, 90), landedPartition(0, 15, { incarnation: 1 })];
  /** Five rows up to offset 15: one of 10 to 15 holds no record. */
  const rows = [[1, 0, 5, 0, 5, 0, 10, 15, 0]];
  const base: Look = {
    ...{ bronze: bronze(600), dlq: dlqOf(), offsets: [at(0, 0, 30)], records: { 0: [15, 1] } },
    ...{ rows, inKafka: 5 },
  };
  const overdue = overdueMs(configOf().values.CHECKPOINT_INTERVAL) / 1_000;

  it.each<[string, Partial<Look>]>([
    ["the job says that it is further", { committed: [[0, 16]] }],
    ["a record seems to wait for too long", { records: { 0: [15, overdue + 1] } }],
  ])("has its rows counted where %s", async (_what, more) => {
    const seen = await look({ ...base, ...more });
    // No record waits behind what was counted.
    const proven = [landedPartition(0, 90), landedPartition(0, 30, { incarnation: 1, withoutRecord: 15 })];
    expect(seen).toMatchObject({ broken: false, partitions: proven, waiting: [], stuckMs: 0 });
  });

  it("is in trouble still where a record waits behind what was counted", async () => {
    const seen = await look({ ...base, committed: [[0, 16]], records: { 0: [20, 70] } });
    const proven = [landedPartition(0, 90), landedPartition(0, 16, { incarnation: 1, withoutRecord: 1 })];
    expect(seen).toMatchObject({ partitions: proven, waiting: [[0, 20]], stuckMs: 70_000 });
  });

  it.each<[string, Partial<Look>]>([
    ["the job has committed as much", { committed: [[0, 15]] }],
    ["the group has committed nothing", { committed: [[0, null]] }],
    ["another partition's offset is further", { committed: [[1, 99]] }],
    ["rows came just in time", { records: { 0: [15, 600] }, bronze: bronze(overdue) }],
  ])("is believed where %s", async (_what, more) => {
    const seen = await look({ ...base, ...more });
    expect(seen).toMatchObject({ queries: [], partitions: before, waiting: [[0, 15]], broken: false });
  });

  it("is broken where its rows are not all records up to its end", async () => {
    const seen = await look({ ...base, committed: [[0, 16]], inKafka: 6 });
    expect(seen).toMatchObject({ broken: true, partitions: before, waiting: [[0, 15]] });
  });

  it("is believed where nobody can count", async () => {
    const { rows: _rows, ...silent } = base;
    const seen = await look({ ...silent, committed: [[0, 16]] });
    expect(seen).toMatchObject({ broken: false, partitions: before, waiting: [[0, 15]] });
  });

  it("is given up with Ctrl-C", async () => {
    const { rows: _rows, ...silent } = base;
    const signal = AbortSignal.abort(new Error("Ctrl-C"));
    await expect(look({ ...silent, committed: [[0, 16]], signal })).rejects.toThrow("Ctrl-C");
  });
});

describe("topicAndTables", () => {
  const read = async (stored: Partial<Record<string, Table>>) => {
    let asked = 0;
    const workspace = workspaceOf({
      kafka: { topicOffsets: async () => topicOf([at(0, 0, ++asked)]) },
      catalog: { table: async ({ table }: TableId) => stored[table] },
    });
    return { ...(await topicAndTables(workspace)), asked };
  };

  it("reads the topic once where only batch runs write", async () => {
    const bronze = bronzeOf({});
    const dlq = dlqOf();
    expect(await read({ raw_trips: bronze, raw_trips_dlq: dlq })).toEqual({
      ...{ topic: topicOf([at(0, 0, 1)]), tables: { bronze, dlq }, stream: undefined, asked: 1 },
    });
    expect(await read({})).toMatchObject({ tables: {}, stream: undefined, asked: 1 });
  });

  it("reads the topic again behind a stream, which may have taken what came since", async () => {
    const bronze = bronzeOf({ stream });
    expect(await read({ raw_trips: bronze })).toEqual({
      ...{ topic: topicOf([at(0, 0, 2)]), tables: { bronze }, stream, asked: 2 },
    });
  });
});
