import { describe, expect, it } from "vitest";
import { expressionProblem } from "../../../src/dataset/sql-expression.js";

describe("expressionProblem", () => {
  it.each([
    "a > 0",
    "COALESCE(a, b) IS NOT NULL",
    "name = 'it''s; -- fine'",
    "`a;b` = 1",
    "CASE WHEN a > 0 THEN b * 3600e0 / a END",
  ])("lets %s pass", (sql) => {
    expect(expressionProblem(sql)).toBeUndefined();
  });

  it.each(["", " ", "a; DROP TABLE b", "a -- b", "a /* b", "a, b", "(a", "a) OR (b", "a = 'b", "a = `b"])(
    "refuses %s",
    (sql) => {
      expect(expressionProblem(sql)).toBeTypeOf("string");
    },
  );
});
