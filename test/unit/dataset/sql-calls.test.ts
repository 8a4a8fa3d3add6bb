import { describe, expect, it } from "vitest";
import { argumentsOf, callsOf, castsOf, tolerant } from "../../../src/dataset/sql-calls.js";

describe("the casts of an expression", () => {
  it.each([
    ["CAST(`amount` AS INT)", [["`amount`", "INT"]]],
    ["cast( a as DECIMAL(10, 2)) * 100", [["a", "DECIMAL(10, 2)"]]],
    [
      "CAST(CAST(`a as b` AS BIGINT) AS STRING)",
      [
        ["CAST(`a as b` AS BIGINT)", "STRING"],
        ["`a as b`", "BIGINT"],
      ],
    ],
    ["TRY_CAST(a AS INT)", []],
    ["'CAST(a AS INT)'", []],
    [
      "COALESCE(TRY_CAST(a AS INT), CAST(REPLACE(b, ')', ' AS ') AS INT))",
      [["REPLACE(b, ')', ' AS ')", "INT"]],
    ],
    ["CAST(a AS INT", []],
  ])("%s", (expression, casts) => {
    expect(castsOf(expression).map(({ argument, type }) => [argument, type])).toEqual(casts);
  });

  it("become tolerant, and nothing else of it changes", () => {
    expect(tolerant("CAST(a AS INT) + TRY_CAST(`CAST` AS INT) + LENGTH('CAST(')")).toBe(
      "TRY_CAST(a AS INT) + TRY_CAST(`CAST` AS INT) + LENGTH('CAST(')",
    );
  });
});

it("calls have arguments, of which a comma in a text or a call is none", () => {
  const [call] = callsOf("COALESCE(TO_DATE(CONCAT(a, ','), 'dd.MM.yyyy'), DATE '1970-01-01')", ["TO_DATE"]);
  expect(call && argumentsOf(call)).toEqual(["CONCAT(a, ',')", "'dd.MM.yyyy'"]);
});
