import { describe, expect, it } from "vitest";
import { type ColumnType, parseColumnType, storedSql } from "../../../src/dataset/column-type.js";

describe("the type in which Iceberg gives a column back", () => {
  it.each([
    ["INT", "INT"],
    ["DECIMAL(38, 2)", "DECIMAL(38, 2)"],
    ["TIMESTAMP(6)", "TIMESTAMP(6)"],
    ["TIMESTAMP(0)", "TIMESTAMP(6)"],
    ["TIMESTAMP_LTZ(3)", "TIMESTAMP_LTZ(6)"],
    ["ARRAY<TIMESTAMP(3)>", "ARRAY<TIMESTAMP(6)>"],
    ["MAP<STRING, ARRAY<TIMESTAMP_LTZ(0)>>", "MAP<STRING, ARRAY<TIMESTAMP_LTZ(6)>>"],
    ["ROW<a INT, `at ``x` ROW<t TIMESTAMP(1)>>", "ROW<`a` INT, `at ``x` ROW<`t` TIMESTAMP(6)>>"],
  ])("of %s is %s: it keeps six digits of a second", (type, stored) => {
    expect(storedSql(parseColumnType(type) as ColumnType)).toBe(stored);
  });
});
