import { describe, expect, it } from "vitest";
import { qualitySchema } from "../../../../src/dataset/quality.js";
import { failing, freshFrom, type RowRule } from "../../../../src/dataset/quality-conditions.js";
import { silverColumns } from "../../../../src/lake/silver-columns.js";
import { countsOf, countsSql } from "../../../../src/pipeline/quality/counts-sql.js";
import { bronzeRows } from "../../../../src/pipeline/quality/judged-rows.js";
import { samplesSql } from "../../../../src/pipeline/quality/samples-sql.js";
import { taxi } from "../../../helpers/workspace.js";

const columns = silverColumns(taxi);
const now = new Date("2026-01-31T12:00:00.999Z");
const from = "lake.`silver`.`cleaned_trips` /*+ OPTIONS('snapshot-id' = '7') */";
const rows = {
  silver: from,
  bronze: bronzeRows(taxi, "lake.`bronze`.`raw_trips` /*+ OPTIONS('snapshot-id' = '3') */"),
};
const rules = qualitySchema.parse([
  { rule: "not_null", column: "fare_amount" },
  { rule: "unique", columns: ["vendor_id", "pickup_datetime"], where: "payment_type < 3" },
  { rule: "expression", name: "dropoff_after_pickup", sql: "dropoff_datetime >= pickup_datetime" },
  { rule: "freshness", column: "pickup_datetime", within: "1d" },
  { rule: "unique", columns: ["trip_id"] },
]);
const conditionOf = (rule: unknown) => failing(qualitySchema.parse([rule])[0] as RowRule, columns);

describe("what a row fails", () => {
  it.each([
    [
      { rule: "range", column: "trip_distance", min: 0, max: 500 },
      "(`trip_distance` >= CAST('0' AS DOUBLE) AND `trip_distance` <= CAST('500' AS DOUBLE)) IS FALSE",
    ],
    [
      { rule: "range", column: "pickup_date", max: "2019-01-31" },
      "(`pickup_date` <= DATE '2019-01-31') IS FALSE",
    ],
    [
      { rule: "range", column: "pickup_datetime", min: "2019-01-31 00:00:00" },
      "(`pickup_datetime` >= TIMESTAMP '2019-01-31 00:00:00') IS FALSE",
    ],
    [
      { rule: "accepted_values", column: "payment_type", values: [0, 1] },
      "(`payment_type` IN (CAST('0' AS INT), CAST('1' AS INT))) IS FALSE",
    ],
    [
      { rule: "pattern", column: "store_and_fwd_flag", regex: "^[YN]$" },
      "(REGEXP(`store_and_fwd_flag`, '^[YN]$')) IS FALSE",
    ],
    [{ rule: "expression", name: "x", sql: "a > 0 OR b" }, "(a > 0 OR b) IS NOT TRUE"],
    [{ rule: "expression", name: "x", sql: "a > 0", allow_null: true }, "(a > 0) IS FALSE"],
  ])("%j", (rule, sql) => {
    expect(conditionOf(rule)).toBe(sql);
  });

  it("is a literal, whatever a value or a pattern holds", () => {
    const hostile = "') OR TRUE; DROP TABLE silver.cleaned_trips; --";
    const quoted = `'${hostile.replaceAll("'", "''")}'`;
    expect(
      conditionOf({ rule: "accepted_values", column: "store_and_fwd_flag", values: [hostile, "\\"] }),
    ).toBe(`(\`store_and_fwd_flag\` IN (${quoted}, '\\')) IS FALSE`);
    expect(conditionOf({ rule: "pattern", column: "store_and_fwd_flag", regex: hostile })).toBe(
      `(REGEXP(\`store_and_fwd_flag\`, ${quoted})) IS FALSE`,
    );
  });

  it("is told from the clock in UTC, to the day for a DATE", () => {
    const fresh = (column: string, within: string) =>
      freshFrom({ rule: "freshness", column, within, on_fail: "fail" }, columns, now);
    expect(fresh("pickup_datetime", "90m")).toBe("TIMESTAMP '2026-01-31 10:30:00'");
    expect(fresh("pickup_date", "1d")).toBe("DATE '2026-01-30'");
    expect(fresh("pickup_date", "99999d")).toBe("DATE '1752-04-18'");
    const zoned = [{ name: "seen", type: "TIMESTAMP_LTZ(3)" }];
    const rule = { rule: "freshness", column: "seen", within: "90m", on_fail: "fail" } as const;
    expect(freshFrom(rule, zoned, now)).toBe("CAST(TIMESTAMP '2026-01-31 10:30:00' AS TIMESTAMP_LTZ(3))");
  });
});

describe("the statement that counts", () => {
  it("is one for all rules", () => {
    expect(countsSql(rules, columns, rows, now)).toMatchInlineSnapshot(`
      "SELECT -1 AS rule, CONCAT_WS(',', CAST(COUNT(*) FILTER (WHERE TRUE) AS STRING), CAST(COUNT(*) FILTER (WHERE TRUE AND \`fare_amount\` IS NULL) AS STRING), CAST(COUNT(*) FILTER (WHERE TRUE) AS STRING), CAST(COUNT(*) FILTER (WHERE TRUE AND (dropoff_datetime >= pickup_datetime) IS NOT TRUE) AS STRING), CAST(COUNT(*) FILTER (WHERE TRUE) AS STRING), CAST(CASE WHEN MAX(\`pickup_datetime\`) FILTER (WHERE TRUE) >= TIMESTAMP '2026-01-30 12:00:00' THEN 0 ELSE 1 END AS STRING)) AS numbers FROM lake.\`silver\`.\`cleaned_trips\` /*+ OPTIONS('snapshot-id' = '7') */
      UNION ALL
      SELECT 1 AS rule, CONCAT_WS(',', CAST(COALESCE(SUM(n), 0) AS STRING), CAST(COALESCE(SUM(CASE WHEN n > 1 THEN n ELSE 0 END), 0) AS STRING)) AS numbers FROM (SELECT COUNT(*) AS n FROM lake.\`silver\`.\`cleaned_trips\` /*+ OPTIONS('snapshot-id' = '7') */ WHERE (payment_type < 3) IS TRUE AND \`vendor_id\` IS NOT NULL AND \`pickup_datetime\` IS NOT NULL GROUP BY \`vendor_id\`, \`pickup_datetime\`)
      UNION ALL
      SELECT 4 AS rule, CONCAT_WS(',', CAST(COALESCE(SUM(n), 0) AS STRING), CAST(COALESCE(SUM(CASE WHEN n > 1 THEN n ELSE 0 END), 0) AS STRING)) AS numbers FROM (SELECT COUNT(*) AS n FROM lake.\`silver\`.\`cleaned_trips\` /*+ OPTIONS('snapshot-id' = '7') */ WHERE TRUE AND \`trip_id\` IS NOT NULL GROUP BY \`trip_id\`)"
    `);
  });

  it("has no look at each row where there are only keys", () => {
    expect(countsSql(rules.slice(4), columns, rows, now)).not.toContain("-1 AS rule");
  });

  it("is read back in the order of the rules", () => {
    const rows = [
      [4, "10,0"],
      [-1, "10,1,10,2,10,1"],
      [1, "8,4"],
    ];
    expect(countsOf(rules, rows)).toEqual([
      { checked: 10, failed: 1 },
      { checked: 8, failed: 4 },
      { checked: 10, failed: 2 },
      { checked: 10, failed: 1 },
      { checked: 10, failed: 0 },
    ]);
    expect(() => countsOf(rules, [])).toThrow("no numbers for rule 0");
  });
});

describe("the statement with samples", () => {
  it("has those of the rules that failed, with the columns that they are about", () => {
    expect(samplesSql(rules, [1, 2, 3], columns, rows, "trip_id")).toMatchInlineSnapshot(`
      "(SELECT 1 AS rule, JSON_OBJECT(KEY 'vendor_id' VALUE LEFT(CAST(\`vendor_id\` AS STRING), 200), KEY 'pickup_datetime' VALUE LEFT(CAST(\`pickup_datetime\` AS STRING), 200), KEY 'pipectl_rows' VALUE CAST(pipectl_rows AS STRING) NULL ON NULL) AS sample FROM (SELECT \`vendor_id\`, \`pickup_datetime\`, COUNT(*) AS pipectl_rows FROM lake.\`silver\`.\`cleaned_trips\` /*+ OPTIONS('snapshot-id' = '7') */ WHERE (payment_type < 3) IS TRUE AND \`vendor_id\` IS NOT NULL AND \`pickup_datetime\` IS NOT NULL GROUP BY \`vendor_id\`, \`pickup_datetime\` HAVING COUNT(*) > 1) LIMIT 3)
      UNION ALL
      (SELECT 2 AS rule, JSON_OBJECT(KEY 'trip_id' VALUE LEFT(CAST(\`trip_id\` AS STRING), 200), KEY 'pickup_datetime' VALUE LEFT(CAST(\`pickup_datetime\` AS STRING), 200), KEY 'dropoff_datetime' VALUE LEFT(CAST(\`dropoff_datetime\` AS STRING), 200) NULL ON NULL) AS sample FROM lake.\`silver\`.\`cleaned_trips\` /*+ OPTIONS('snapshot-id' = '7') */ WHERE TRUE AND (dropoff_datetime >= pickup_datetime) IS NOT TRUE LIMIT 3)
      UNION ALL
      (SELECT 3 AS rule, JSON_OBJECT(KEY 'pickup_datetime' VALUE LEFT(CAST(\`pickup_datetime\` AS STRING), 200) NULL ON NULL) AS sample FROM (SELECT MAX(\`pickup_datetime\`) AS \`pickup_datetime\` FROM lake.\`silver\`.\`cleaned_trips\` /*+ OPTIONS('snapshot-id' = '7') */ WHERE TRUE))"
    `);
  });

  it("has, of rules that keep rows out of silver, rows of bronze with their place in Kafka", () => {
    const quarantine = qualitySchema.parse([
      { rule: "range", column: "trip_distance", max: 9, on_fail: "quarantine" },
    ]);
    const sql = samplesSql(quarantine, [0], columns, rows, "trip_id");
    expect(sql).toContain("KEY 'kafka_offset' VALUE CAST(pipectl_offset AS STRING), KEY 'trip_distance'");
    expect(sql).toContain(`kafka_offset AS pipectl_offset, CAST(MD5(`);
    expect(sql).toContain(
      "FROM lake.`bronze`.`raw_trips` /*+ OPTIONS('snapshot-id' = '3') */ WHERE (total_amount > 0) AND (trip_distance >= 0)",
    );
    expect(sql).toMatch(/\) WHERE \(`trip_distance` <= CAST\('9' AS DOUBLE\)\) IS FALSE LIMIT 3\)$/);
  });
});
