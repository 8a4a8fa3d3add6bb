import { describe, expect, it } from "vitest";
import { qualitySchema, ruleName } from "../../../src/dataset/quality.js";
import { qualityProblems } from "../../../src/dataset/quality-check.js";

const columns = [
  { name: "id", type: "STRING" },
  { name: "md5", type: "STRING", isId: true },
  { name: "fare", type: "DOUBLE" },
  { name: "price", type: "DECIMAL(10,2)" },
  { name: "kind", type: "INT" },
  { name: "paid", type: "BOOLEAN" },
  { name: "day", type: "DATE" },
  { name: "at", type: "TIMESTAMP(6)" },
  { name: "stops", type: "ARRAY<STRING>" },
];
const rules = (...list: unknown[]) => qualitySchema.parse(list);
const problemsOf = (...list: unknown[]) =>
  qualityProblems(rules(...list), columns).map(({ path, message }) => `${path.join(".")}: ${message}`);
const said = (rule: unknown) =>
  qualitySchema.safeParse([rule]).error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("the shape of quality rules", () => {
  it("has defaults, and a name for each", () => {
    const [first, second, third] = rules(
      { rule: "not_null", column: "fare" },
      { rule: "unique", columns: ["id", "kind"], on_fail: "warn", where: "kind > 1" },
      { rule: "expression", name: "positive", sql: "fare >= 0" },
    );
    expect(first).toEqual({ rule: "not_null", column: "fare", on_fail: "fail" });
    expect(third).toMatchObject({ allow_null: false, on_fail: "fail" });
    expect([first, second, third].map((rule) => rule && ruleName(rule))).toEqual([
      "not_null_fare",
      "unique_id_kind",
      "positive",
    ]);
  });

  it.each([
    [{ rule: "not_null" }, "0.column"],
    [{ rule: "sometimes", column: "a" }, "0.rule"],
    [{ rule: "not_null", column: "a", colum: "b" }, "colum"],
    [{ rule: "not_null", column: "a`; DROP" }, "column of silver"],
    [{ rule: "not_null", column: "a", on_fail: "ignore" }, "must be fail, warn or quarantine"],
    [{ rule: "unique", columns: ["a"], on_fail: "ignore" }, "must be fail or warn"],
    [{ rule: "unique", columns: ["a"], on_fail: "quarantine" }, "write what a row must fulfil as a filter"],
    [{ rule: "freshness", column: "a", within: "1d", on_fail: "quarantine" }, "'quarantine' is for not_null"],
    [{ rule: "expression", name: "x", sql: "a > 0", on_fail: "quarantine" }, "'quarantine' is for not_null"],
    [{ rule: "not_null", column: "a", name: "Ä" }, "snake_case"],
    [{ rule: "not_null", column: "a", where: "a IN (SELECT 1)" }, "SELECT"],
    [{ rule: "expression", sql: "a > 0" }, "0.name"],
    [{ rule: "expression", name: "x", sql: "a > 0; DROP TABLE t" }, "';'"],
    [{ rule: "unique", columns: [] }, "0.columns"],
    [{ rule: "accepted_values", column: "a", values: [] }, "0.values"],
    [{ rule: "accepted_values", column: "a", values: [null] }, "0.values"],
    [{ rule: "pattern", column: "a", regex: "" }, "0.regex"],
    [{ rule: "freshness", column: "a", within: "soon" }, "such as 1d"],
    [{ rule: "range", column: "a", min: true }, "must be a number"],
  ])("refuses %j", (rule, message) => {
    expect(said(rule)?.join("\n")).toContain(message);
  });
});

describe("quality rules and the columns of silver", () => {
  it("are right together", () => {
    expect(
      problemsOf(
        { rule: "not_null", column: "stops" },
        { rule: "unique", columns: ["id", "stops"] },
        { rule: "range", column: "fare", min: 0 },
        { rule: "range", column: "price", max: 0.1 },
        { rule: "range", column: "day", min: "2019-01-31", max: "2020-02-29" },
        { rule: "range", column: "at", min: "2019-01-31 00:00:00", max: "2019-01-31 23:59:59.999999" },
        { rule: "accepted_values", column: "kind", values: [0, -1] },
        { rule: "accepted_values", column: "id", values: ["", "it's"] },
        { rule: "accepted_values", column: "paid", values: [true] },
        { rule: "pattern", column: "id", regex: "(" },
        { rule: "freshness", column: "day", within: "1d" },
        { rule: "freshness", column: "at", within: "30m" },
      ),
    ).toEqual([]);
  });

  it.each([
    [
      { rule: "not_null", column: "id", on_fail: "quarantine", where: "fare > 0" },
      "quality.0.where: names silver's columns, and quarantine judges rows of bronze: write it all as a filter (filters: of silver)",
    ],
    [
      { rule: "pattern", column: "md5", regex: "x", on_fail: "quarantine" },
      "quality.0.column: md5 is made of the natural key: no row can be kept out of silver for it",
    ],
    [{ rule: "not_null", column: "no" }, "quality.0.column: silver has no column no"],
    [{ rule: "unique", columns: ["id", "no"] }, "quality.0.columns: silver has no column no"],
    [{ rule: "unique", columns: ["id", "id"] }, "quality.0.columns: names a column twice"],
    [{ rule: "range", column: "fare" }, "quality.0.rule: range needs min, max or both"],
    [{ rule: "range", column: "fare", min: 2, max: 1 }, "quality.0.min: 2 is above max, which is 1"],
    [{ rule: "range", column: "price", max: 99.9999 }, "quality.0.max: 99.9999 is no DECIMAL(10,2)"],
    [{ rule: "range", column: "fare", min: "1" }, 'quality.0.min: "1" is no DOUBLE'],
    [
      { rule: "range", column: "id", min: 1 },
      "quality.0.column: id is STRING: range is for integer, float, decimal, date, timestamp",
    ],
    [
      { rule: "range", column: "day", min: "2019-02-30" },
      "quality.0.min: \"2019-02-30\" is no DATE, as '2019-01-31'",
    ],
    [
      { rule: "range", column: "at", max: "2019-01-01T00:00:00Z" },
      "quality.0.max: \"2019-01-01T00:00:00Z\" is no TIMESTAMP(6), as '2019-01-31 12:00:00'",
    ],
    [
      { rule: "range", column: "at", max: "2019-01-01 24:00:00" },
      "quality.0.max: \"2019-01-01 24:00:00\" is no TIMESTAMP(6), as '2019-01-31 12:00:00'",
    ],
    [{ rule: "accepted_values", column: "kind", values: [1.5] }, "quality.0.values: 1.5 is no INT"],
    [{ rule: "accepted_values", column: "id", values: [1] }, "quality.0.values: 1 is no STRING"],
    [{ rule: "accepted_values", column: "fare", values: [".inf"] }, 'quality.0.values: ".inf" is no DOUBLE'],
    [{ rule: "pattern", column: "kind", regex: "x" }, "quality.0.column: kind is INT: pattern is for STRING"],
    [
      { rule: "freshness", column: "id", within: "1d" },
      "quality.0.column: id is STRING: freshness is for date, timestamp, timestamp_ltz",
    ],
  ])("%j is a problem", (rule, problem) => {
    expect(problemsOf(rule)).toEqual([problem]);
  });

  it("have each name once", () => {
    const twice = { rule: "not_null", column: "id" };
    expect(problemsOf(twice, { ...twice, name: "other" }, twice)).toEqual([
      "quality.2.rule: not_null_id is also the name of quality[0]: give it a `name` of its own",
    ]);
  });
});
