import { describe, expect, it } from "vitest";
import { expressionProblem } from "../../../src/dataset/sql-expression.js";

describe("expressionProblem", () => {
  it.each([
    "a > 0",
    "COALESCE(a, b) IS NOT NULL",
    "name = 'it''s; -- fine'",
    "`a;b` = 1",
    "CASE WHEN a > 0 THEN b * 3600e0 / a END",
    "CAST(a AS TIMESTAMP(3) WITH LOCAL TIME ZONE) IS NOT NULL",
    "JSON_VALUE(a, '$.b') = 'SELECT 1 FROM t; // none'",
    "`table` = 1 AND `select` > selected + tables",
  ])("lets %s pass", (sql) => {
    expect(expressionProblem(sql)).toBeUndefined();
  });

  it.each([
    "a IN (SELECT b FROM t)",
    "EXISTS(select'x'from`t`)",
    "a = (`x`SELECT 1)",
    "a > ALL (VALUES 1, 2)",
    "a IN (TABLE t)",
    "a = ANY (\nWITH c AS (SELECT 1) SELECT * FROM c)",
    "TRUE) UNION (SELECT 1",
    "a > 0 // and no more",
    "TRUE //",
    '"a" > 0',
    "\"'\" > 0; DROP TABLE t; --'",
    "a = 'x' ; SET 'a' = 'b'",
    "a = 'it''s' OR 'b",
    "a = 1 /*+ hint */",
  ])("refuses %s", (sql) => {
    expect(expressionProblem(sql)).toBeTypeOf("string");
  });

  it("says which word makes it a query", () => {
    expect(expressionProblem("a IN (Select b FROM t)")).toContain("has the word SELECT");
  });

  it.each(["", " ", "a; DROP TABLE b", "a -- b", "a /* b", "a, b", "(a", "a) OR (b", "a = 'b", "a = `b"])(
    "refuses %s",
    (sql) => {
      expect(expressionProblem(sql)).toBeTypeOf("string");
    },
  );
});
