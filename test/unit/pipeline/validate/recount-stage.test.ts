import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import type { TableId } from "../../../../src/iceberg/catalog.js";
import { recountCheck } from "../../../../src/pipeline/validate/recount-stage.js";
import { sessionsOf } from "../../../../src/workspace/workspace.js";
import { following } from "../../../helpers/following.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  snapshot,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { carryOut } from "../../../helpers/validate-context.js";
import { workspaceOf } from "../../../helpers/workspace.js";

/** A count of one partition: [incarnation, partition, bronze, dead letters, distinct offsets, removed, min, max, with unknown fields; hashes of
 * each table and their sums; landed, changed of each table, the first place of each, the last one without a hash]. */
type Row = readonly unknown[];

/** An account of 10 offsets, 9 of them in bronze, and what a count of the rows finds. */
async function look(
  rows: readonly Row[],
  properties: Record<string, string> = withAccount(
    accountOf({ partitions: [landedPartition(0, 10, { dlq: 1 })] }),
  ),
) {
  const { runtime, queries } = await fakeGateway((query) =>
    query.includes("pipectl_names") ? [["wind", 4, "2026-01-31T12:00:00Z"]] : rows,
  );
  const at = (id: string, count: number) =>
    icebergTable([snapshot(id, null, { summary: { "total-records": String(count) } })], { properties });
  const workspace = workspaceOf({
    kafka: { topicOffsets: async () => topicOf([{ partition: 0, first: 0, end: 10 }]) },
    catalog: { table: async ({ table }: TableId) => (table === "raw_trips" ? at("1", 9) : at("2", 1)) },
    runtime,
  });
  return { ...(await carryOut(recountCheck, workspace)), queries };
}

describe("the recount", () => {
  it("passes when each offset is there once, in the snapshots that the account was drawn up for", async () => {
    const { status, detail, queries } = await look([[0, 0, 9, 1, 10, 0, 0, 9, 0, 9, "70", 1, "-3", 1]]);
    expect([status, detail]).toEqual([
      "pass",
      "10 offsets, each once, none missing, all values as they were written",
    ]);
    expect(queries).toHaveLength(1);
    expect(queries[0]).toContain("'snapshot-id' = '1'");
    expect(queries[0]).toContain("'snapshot-id' = '2'");
  });

  it.each<[string, Row[], string]>([
    [
      "an offset twice and another missing",
      [[0, 0, 9, 1, 9, 0, 0, 9, 0]],
      "1 offsets more than once, 1 offsets missing",
    ],
    ["a row too few", [[0, 0, 8, 1, 9, 0, 0, 9, 0]], "8 bronze rows instead of 9, 1 offsets missing"],
    ["offsets that nobody has planned", [[0, 0, 9, 1, 10, 0, 1, 10, 0]], "offsets 1 to 10 instead of 0 to 9"],
    ["no row at all", [], "0 bronze rows instead of 9, 0 dead letters instead of 1, 10 offsets missing"],
    [
      "rows of a partition that the topic does not have",
      [
        [0, 0, 9, 1, 10, 0, 0, 9, 0],
        [0, 7, 1, 0, 1, 0, 0, 0, 0],
      ],
      "rows of incarnation/partition 0/7, which the topic does not have",
    ],
  ])("fails with %s", async (_what, rows, detail) => {
    expect(await look(rows)).toMatchObject({ status: "fail", detail: expect.stringContaining(detail) });
  });

  it("shows what is there where there is no account to compare with", async () => {
    expect(await look([[0, 0, 9, 1, 9, 0, 0, 9, 0]], {})).toMatchObject({
      status: "fail",
      detail:
        "there is no account to compare with; found incarnation 0, partition 0: offsets 0 to 9, 1 more than once, 1 missing",
    });
    // What a row says of itself needs no account.
    expect(await look([[0, 0, 9, 1, 10, 0, 0, 9, 0, 9, "70", 1, "-3", 1, 2, 0, 4]], {})).toMatchObject({
      detail: expect.stringContaining(
        "partition 0: 2 rows have another value than pipectl wrote (for example offset 4)",
      ),
    });
  });

  describe("of values", () => {
    const sums = { bronze: { rows: 9, sum: "70" }, dlq: { rows: 1, sum: "-3" } };
    const hashed = withAccount(
      accountOf({ hashForm: 1, partitions: [landedPartition(0, 10, { dlq: 1, hashes: sums })] }),
    );
    const counted = [0, 0, 9, 1, 10, 0, 0, 9, 0];

    it.each<[string, Row, string]>([
      [
        "a value that was changed",
        [...counted, 9, "70", 1, "-3", 1, 1, 0, 4, null],
        "partition 0: 1 row has another value than pipectl wrote (for example offset 4)",
      ],
      [
        "rows that somebody else wrote",
        [...counted, 7, "70", 1, "-3", 1, 0, 0, null, null, 8],
        "partition 0: 2 rows were not written by pipectl (for example offset 8)",
      ],
      [
        "other rows, which fit their hashes",
        [...counted, 9, "71", 1, "-3", 1, 0, 0],
        "partition 0: bronze rows are other ones than pipectl wrote: their hashes have another sum",
      ],
    ])("fails with %s", async (_what, row, detail) => {
      const found = await look([row], hashed);
      expect(found).toMatchObject({ status: "fail", detail });
      expect(found.hint).toContain("pipectl repair");
    });

    it("passes with rows that are older than the first hash, and says how many", async () => {
      const partitions = [
        landedPartition(0, 10, { dlq: 1, hashes: { ...sums, bronze: { rows: 5, sum: "70" } } }),
      ];
      const older = withAccount(accountOf({ hashForm: 1, partitions }));
      expect(await look([[...counted, 5, "70", 1, "-3", 1, 0, 0, null, null, 8]], older)).toMatchObject({
        status: "pass",
        detail: expect.stringContaining("; 4 without a hash, older than the first one or accepted"),
      });
    });

    it("adds up what the account counts only: a stream's newer rows are in a group of their own", async () => {
      const groups = [
        [...counted, 9, "70", 1, "-3", 1, 0, 0],
        [0, 0, 3, 0, 3, 0, 10, 12, 0, 3, "99", 0, null, 0, 0, 0],
      ];
      const { queries, detail } = await look(groups, hashed);
      expect(queries[0]).toContain(
        "CASE WHEN kafka_incarnation = 0 AND kafka_offset >= CASE kafka_partition WHEN 0 THEN 10 ELSE 0 END THEN 0 ELSE 1 END AS landed",
      );
      expect(detail).not.toContain("sum");
    });
  });

  it("is unknown where the account could not be drawn up because nobody answered", async () => {
    const { runtime } = await fakeGateway(() => [[0, 0, 9, 1, 10, 0, 0, 9, 0]]);
    const workspace = workspaceOf({
      kafka: {
        topicOffsets: () => Promise.reject(unavailable("kafka_unreachable", "Kafka does not answer")),
      },
      catalog: { table: async () => icebergTable([snapshot("1", null)]) },
      runtime,
    });
    expect(await carryOut(recountCheck, workspace)).toMatchObject({
      status: "unknown",
      detail: expect.stringMatching(/^there is no account to compare with; found incarnation 0/),
    });
  });

  it("counts again while a stream is between its two commits, however slowly it commits", async () => {
    const { workspace } = following();
    let counts = 0;
    const { runtime } = await fakeGateway(() => [[0, 0, ++counts < 5 ? 14 : 15, 0, 15, 0, 0, 14, 0]]);
    const own = { ...workspace, gatewaySession: sessionsOf(runtime) };
    expect(await carryOut(recountCheck, own)).toMatchObject({ status: "pass" });
    expect(counts).toBe(5);
  });

  it("names fields that the manifest does not", async () => {
    const { status, detail } = await look([[0, 0, 9, 1, 10, 0, 0, 9, 4]]);
    expect(status).toBe("pass");
    expect(detail).toContain('1 unknown field since 2026-01-31T12:00:00Z ("wind" 4)');
  });
});
