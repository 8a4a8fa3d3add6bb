import { describe, expect, it } from "vitest";
import { tableDefinitions } from "../../../src/lake/definitions.js";
import { noHashes } from "../../../src/lake/hash-sum.js";
import { countRows } from "../../../src/ledger/count-rows.js";
import { fakeGateway } from "../../helpers/gateway.js";
import { accountOf, icebergTable, landedPartition, schemaOf } from "../../helpers/tables.js";
import { taxi, workspaceOf } from "../../helpers/workspace.js";

type More = Parameters<typeof countRows> extends [unknown, unknown, ...infer Rest] ? Rest : never;

/** What is found where Flink answers with these rows, and the query that was asked. */
const count = async (rows: readonly (readonly unknown[])[], ...more: More) => {
  const { runtime, queries } = await fakeGateway(() => rows);
  return { found: await countRows(workspaceOf({ runtime }), {}, ...more), queries };
};

describe("countRows", () => {
  it("reads the figures of each incarnation and partition", async () => {
    const { found } = await count([
      [0, 2, "90", "10", "99", "5", "7", "120", "3", 80, "-9223372036854775808", 10, 4],
      [1, 0, 1, 0, 1, 0, 0, 0, 0],
    ]);
    expect(found).toEqual([
      {
        incarnation: 0,
        partition: 2,
        bronze: 90,
        dlq: 10,
        offsets: 99,
        removed: 5,
        min: 7,
        max: 120,
        extra: 3,
        hashes: { bronze: { rows: 80, sum: "-9223372036854775808" }, dlq: { rows: 10, sum: "4" } },
      },
      {
        ...{
          incarnation: 1,
          partition: 0,
          bronze: 1,
          dlq: 0,
          offsets: 1,
          removed: 0,
          min: 0,
          max: 0,
          extra: 0,
        },
        hashes: noHashes,
      },
    ]);
  });

  it("asks for all of both tables", async () => {
    const { queries } = await count([]);
    expect(queries).toMatchInlineSnapshot(`
      [
        "SELECT kafka_incarnation, kafka_partition, SUM(good), SUM(1 - good), COUNT(DISTINCT kafka_offset),
             COUNT(DISTINCT CASE WHEN FALSE THEN kafka_offset END), MIN(kafka_offset), MAX(kafka_offset), SUM(extra),
             COUNT(bronze_hash), SUM(bronze_hash), COUNT(dlq_hash), SUM(dlq_hash)
           FROM (SELECT kafka_incarnation, kafka_partition, kafka_offset, 1 AS good, 0 AS extra, row_hash AS bronze_hash, CAST(NULL AS BIGINT) AS dlq_hash FROM lake.\`bronze\`.\`raw_trips\` UNION ALL SELECT kafka_incarnation, kafka_partition, kafka_offset, 0 AS good, 0 AS extra, CAST(NULL AS BIGINT) AS bronze_hash, row_hash AS dlq_hash FROM lake.\`bronze\`.\`raw_trips_dlq\`) GROUP BY kafka_incarnation, kafka_partition",
      ]
    `);
  });

  it("tells what Kafka has removed: what lies before its first offsets, and partitions that it no longer has", async () => {
    const offsets = [
      { partition: 0, first: 40, end: 100 },
      { partition: 3, first: 0, end: 9 },
    ];
    const { queries } = await count([], offsets);
    expect(queries[0]).toContain(
      "CASE WHEN kafka_offset < CASE kafka_partition WHEN 0 THEN 40 WHEN 3 THEN 0 ELSE kafka_offset + 1 END THEN kafka_offset END",
    );
  });

  it("reads the one table, or no table, where no more is asked for", async () => {
    const { queries } = await count([], [], { dlq: { "snapshot-id": "7" } }, { extra: true });
    expect(queries[0]).toContain(
      "(SELECT kafka_incarnation, kafka_partition, kafka_offset, 0 AS good, 0 AS extra, CAST(NULL AS BIGINT) AS bronze_hash, row_hash AS dlq_hash FROM lake.`bronze`.`raw_trips_dlq` /*+ OPTIONS('snapshot-id' = '7') */)",
    );
    expect(await count([[0, 0, 1, 0, 1, 0, 0, 0, 0]], [], {})).toEqual({ found: [], queries: [] });
  });

  it("makes each row's hash again of what it has, where that is asked for, and reads every other column", async () => {
    const { runtime, queries } = await fakeGateway(() => [
      [0, 0, 4, 1, 5, 0, 0, 4, 0, 4, "7", 1, "2", 1, 1, 1, 3, 2, null],
      [0, 0, 2, 0, 2, 0, 5, 6, 0, 1, "9", 0, null, 0, 0, 0, null, null, 6],
    ]);
    const definitions = tableDefinitions(taxi);
    const tables = {
      bronze: icebergTable([], { schema: schemaOf(definitions.bronze) }),
      dlq: icebergTable([], { id: taxi.tables.dlq, schema: schemaOf(definitions.dlq) }),
    };
    const account = accountOf({ partitions: [landedPartition(0, 5)] });
    const [found] = await countRows(workspaceOf({ runtime }), tables, [], undefined, { values: { account } });
    const sql = queries[0] ?? "";
    expect(sql).toContain(
      "CASE WHEN row_hash <> pipectl_row_hash(kafka_incarnation, kafka_partition, kafka_offset, pipectl_value_hash(extra_fields, 'VendorID', `VendorID`, ",
    );
    expect(sql).toContain("kafka_key, CAST(NULL AS MAP<STRING, BYTES>), raw_value)");
    for (const column of ["kafka_timestamp", "ingestion_ts", "reason"])
      expect(sql).toContain(`MAX(${column})`);
    expect(found).toMatchObject({
      ...{ bronze: 6, dlq: 1, offsets: 7, min: 0, max: 6 },
      hashes: { bronze: { rows: 5, sum: "16" }, dlq: { rows: 1, sum: "2" } },
      values: {
        landed: { bronze: { rows: 4, sum: "7" }, dlq: { rows: 1, sum: "2" } },
        ...{ changed: { bronze: 1, dlq: 1 }, changedAt: 2, unhashedAt: 6 },
      },
    });
  });

  it("finds no hashes in a table of an earlier version, and makes none", async () => {
    const { runtime, queries } = await fakeGateway(() => []);
    const tables = { bronze: icebergTable(), dlq: icebergTable([], { id: taxi.tables.dlq }) };
    await countRows(workspaceOf({ runtime }), tables, [], undefined, { values: { account: undefined } });
    expect(queries[0]).not.toMatch(/row_hash|pipectl_/);
  });

  it("counts rows with unknown fields, of bronze only, where that is asked for", async () => {
    const { queries } = await count([], [], undefined, { extra: true });
    expect(queries[0]?.match(/(\S+ AS good), (.*?) AS extra/g)).toEqual([
      "1 AS good, CASE WHEN extra_fields IS NULL THEN 0 ELSE 1 END AS extra",
      "0 AS good, 0 AS extra",
    ]);
  });
});
