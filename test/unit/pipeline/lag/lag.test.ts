import { describe, expect, it } from "vitest";
import type { Table, TableId } from "../../../../src/iceberg/catalog.js";
import type { PartitionOffsets } from "../../../../src/kafka/offsets.js";
import type { PartitionAccount } from "../../../../src/ledger/account.js";
import { checkLag } from "../../../../src/pipeline/lag/lag.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  snapshot,
  topicId,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { workspaceOf } from "../../../helpers/workspace.js";

/** From this offset on the topic has markers of transactions and no record. */
const markers = 500;

/** The lag behind a topic of this id; the account names `topicId`. */
const lagBehind =
  (id: string) =>
  async (offsets: PartitionOffsets[], committed: [number, number | null][], ...next: PartitionAccount[]) => {
    const tables: Record<string, Table> = {
      raw_trips: icebergTable([snapshot("1", null)], {
        properties: withAccount(accountOf({ partitions: next })),
      }),
      raw_trips_dlq: icebergTable([snapshot("2", null)]),
    };
    return await checkLag(
      workspaceOf({
        kafka: {
          topicOffsets: async () => topicOf(offsets, id),
          committedOffsets: async () => new Map(committed),
          firstRecord: async (_topic, { start }) =>
            start >= markers ? undefined : { offset: start, timestampMs: Date.now() - 30_000 },
        },
        catalog: { table: async ({ table }: TableId) => (next.length === 0 ? undefined : tables[table]) },
      }),
    );
  };

const lag = lagBehind(topicId);

describe("checkLag", () => {
  it("does not take the positions of a topic that is gone for those of the new one", async () => {
    const result = await lagBehind("another")(
      [{ partition: 0, first: 0, end: 100 }],
      [[0, 60]],
      landedPartition(0, 80),
    );
    expect(result).toMatchObject({ totalUnlanded: 100, partitions: [{ landed: null, unlanded: 100 }] });
  });

  it("is behind by the group's word and by what is in Iceberg, apart", async () => {
    const result = await lag([{ partition: 0, first: 0, end: 100 }], [[0, 60]], landedPartition(0, 80));
    expect(result).toMatchObject({
      group: "pipectl",
      topic: "taxi.raw_trips",
      totalLag: 40,
      totalUnlanded: 20,
    });
    expect(result.partitions[0]).toMatchObject({
      committed: 60,
      landed: 80,
      end: 100,
      lag: 40,
      unlanded: 20,
    });
  });

  it("is 0, in records and seconds, when all has landed", async () => {
    const result = await lag([{ partition: 0, first: 0, end: 100 }], [[0, 100]], landedPartition(0, 100));
    expect(result).toMatchObject({ totalLag: 0, totalUnlanded: 0, totalLagSeconds: 0 });
    expect(result.partitions[0]?.lagSeconds).toBe(0);
  });

  it("is as old as the oldest record that has not landed", async () => {
    const offsets = [0, 1].map((partition) => ({ partition, first: 0, end: 10 }));
    const result = await lag(offsets, [], landedPartition(0, 10), landedPartition(1, 9));
    expect(result.partitions[0]?.lagSeconds).toBe(0);
    expect(result.partitions[1]?.lagSeconds).toBeCloseTo(30, 0);
    expect(result.totalLagSeconds).toBeCloseTo(30, 0);
  });

  it("waits for no marker of a transaction: it is no record", async () => {
    const result = await lag([{ partition: 0, first: 0, end: 501 }], [[0, 500]], landedPartition(0, 500));
    expect(result).toMatchObject({ totalUnlanded: 0, totalLagSeconds: 0 });
  });

  it("is null, never 0, where nothing was committed and nothing has landed", async () => {
    const result = await lag([{ partition: 0, first: 0, end: 100 }], []);
    expect(result).toMatchObject({ totalLag: null, totalUnlanded: 100 });
    expect(result.partitions[0]).toMatchObject({ committed: null, landed: null, lag: null });
  });

  it("has no total of the group when one partition is unknown", async () => {
    const offsets = [0, 1].map((partition) => ({ partition, first: 0, end: 10 }));
    const result = await lag(
      offsets,
      [
        [0, 10],
        [1, null],
      ],
      landedPartition(0, 10),
      landedPartition(1, 10),
    );
    expect(result.partitions.map((line) => line.lag)).toEqual([0, null]);
    expect(result.totalLag).toBeNull();
  });

  it("tells a committed offset of 0 from none", async () => {
    const result = await lag([{ partition: 0, first: 0, end: 10 }], [[0, 0]]);
    expect(result.partitions[0]).toMatchObject({ committed: 0, lag: 10 });
  });

  it("does not count records that Kafka has removed as still to come", async () => {
    const result = await lag([{ partition: 0, first: 50, end: 60 }], [], landedPartition(0, 10));
    expect(result.totalUnlanded).toBe(10);
  });
});
