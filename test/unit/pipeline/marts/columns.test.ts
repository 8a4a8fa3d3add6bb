import { describe, expect, it } from "vitest";
import { columnsOf } from "../../../../src/pipeline/marts/columns.js";
import { problemOf } from "../../../helpers/problem.js";

const typeOf = (type: string) => columnsOf([["a", type]])[0]?.type;

describe("columns of a mart", () => {
  it.each([
    ["INT", "int"],
    ["BIGINT", "long"],
    ["DECIMAL(10, 2)", "decimal(10, 2)"],
    ["CHAR(3)", "string"],
    ["VARCHAR(20)", "string"],
    ["STRING", "string"],
    ["TIMESTAMP(3)", "timestamp"],
    ["TIMESTAMP_LTZ(3)", "timestamptz"],
    ["ARRAY<INT NOT NULL>", { type: "list", element: "int" }],
    ["MAP<CHAR(1) NOT NULL, CHAR(2) NOT NULL>", { type: "map", key: "string", value: "string" }],
    [
      "ROW<`z NOT NULL` INT NOT NULL, `CHAR(3)` VARCHAR(9)>",
      {
        type: "struct",
        fields: [
          { name: "z NOT NULL", type: "int", required: false },
          { name: "CHAR(3)", type: "string", required: false },
        ],
      },
    ],
  ])("of %s are %j", (type, expected) => {
    expect(typeOf(type)).toEqual(expected);
  });

  it("that no table can have are all told, with what to write", async () => {
    const error = await problemOf(() =>
      columnsOf([
        ["s", "SMALLINT"],
        ["EXPR$1", "BIGINT"],
        ["t", "TIMESTAMP(9)"],
        ["b", "BYTES"],
        ["n", "NULL"],
        ["d", "TIME(0)"],
        ["S", "INT"],
        ["x-y", "INT"],
      ]),
    );
    expect(error.code).toBe("mart_columns");
    expect(error.message.split("; ")).toEqual([
      "column s is SMALLINT, which Iceberg does not have: CAST it AS INT",
      "column 2 has no name: give it one with AS",
      "column t is TIMESTAMP(9), which Iceberg does not have: CAST it AS TIMESTAMP(6)",
      "column b is BYTES, which Iceberg does not have: TO_BASE64 or DECODE makes a STRING of it",
      "column n is NULL, which Iceberg does not have: CAST(NULL AS …) says which type it has",
      "column d is TIME(0), which Iceberg does not have: CAST it AS STRING",
      "column S occurs twice",
      "column x-y: its name must be of a-z, 0-9 and '_'",
    ]);
  });
});
