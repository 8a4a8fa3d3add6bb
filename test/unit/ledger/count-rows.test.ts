import { describe, expect, it } from "vitest";
import { countRows } from "../../../src/ledger/count-rows.js";
import { fakeGateway } from "../../helpers/gateway.js";
import { workspaceOf } from "../../helpers/workspace.js";

type More = Parameters<typeof countRows> extends [unknown, unknown, ...infer Rest] ? Rest : never;

/** What is found where Flink answers with these rows, and the query that was asked. */
const count = async (rows: readonly (readonly unknown[])[], ...more: More) => {
  const { runtime, queries } = await fakeGateway(() => rows);
  return { found: await countRows(workspaceOf({ runtime }), {}, ...more), queries };
};

describe("countRows", () => {
  it("reads the figures of each incarnation and partition", async () => {
    const { found } = await count([
      [0, 2, "90", "10", "99", "5", "7", "120", "3"],
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
      },
      { incarnation: 1, partition: 0, bronze: 1, dlq: 0, offsets: 1, removed: 0, min: 0, max: 0, extra: 0 },
    ]);
  });

  it("asks for all of both tables", async () => {
    const { queries } = await count([]);
    expect(queries).toMatchInlineSnapshot(`
      [
        "SELECT kafka_incarnation, kafka_partition, SUM(good), SUM(1 - good), COUNT(DISTINCT kafka_offset),
             COUNT(DISTINCT CASE WHEN FALSE THEN kafka_offset END), MIN(kafka_offset), MAX(kafka_offset), SUM(extra)
           FROM (SELECT kafka_incarnation, kafka_partition, kafka_offset, 1 AS good, 0 AS extra FROM lake.\`bronze\`.\`raw_trips\` UNION ALL SELECT kafka_incarnation, kafka_partition, kafka_offset, 0 AS good, 0 AS extra FROM lake.\`bronze\`.\`raw_trips_dlq\`) GROUP BY kafka_incarnation, kafka_partition",
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
    const { queries } = await count([], [], { dlq: { "snapshot-id": "7" } }, true);
    expect(queries[0]).toContain(
      "(SELECT kafka_incarnation, kafka_partition, kafka_offset, 0 AS good, 0 AS extra FROM lake.`bronze`.`raw_trips_dlq` /*+ OPTIONS('snapshot-id' = '7') */)",
    );
    expect(await count([[0, 0, 1, 0, 1, 0, 0, 0, 0]], [], {})).toEqual({ found: [], queries: [] });
  });

  it("counts rows with unknown fields, of bronze only, where that is asked for", async () => {
    const { queries } = await count([], [], undefined, true);
    expect(queries[0]?.match(/(\S+ AS good), (.*?) AS extra/g)).toEqual([
      "1 AS good, CASE WHEN extra_fields IS NULL THEN 0 ELSE 1 END AS extra",
      "0 AS good, 0 AS extra",
    ]);
  });
});
