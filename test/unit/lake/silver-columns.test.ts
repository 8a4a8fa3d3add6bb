import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../src/dataset/types.js";
import { silverColumns, silverCondition } from "../../../src/lake/silver-columns.js";
import { taxi } from "../../helpers/workspace.js";

const silverOf = (silver: Partial<Dataset["silver"]>): Dataset => ({
  ...taxi,
  silver: { ...taxi.silver, ...silver },
});

describe("the id of silver's rows", () => {
  it("escapes what separates, in texts: no two keys read alike", () => {
    const [id] = silverColumns(silverOf({ id: "trip", naturalKey: ["store_and_fwd_flag", "VendorID"] }));
    expect(id).toEqual({
      name: "trip",
      type: "STRING",
      expr:
        "MD5(CONCAT(COALESCE(REPLACE(REPLACE(`store_and_fwd_flag`, '\\', '\\\\'), '|', '\\|'), '\\N')" +
        ", '|', COALESCE(CAST(`VendorID` AS STRING), '\\N')))",
      doc: "MD5 of store_and_fwd_flag, VendorID, joined by |",
    });
  });
});

describe("silver's columns", () => {
  it("have the manifest's descriptions", () => {
    const [column] = taxi.columns;
    expect(silverColumns(taxi).find(({ name }) => name === column?.silver)?.doc).toBe(column?.description);
    expect(silverColumns(taxi).find(({ name }) => name === taxi.silver.partitionBy.name)).toEqual({
      name: "pickup_date",
      type: taxi.silver.partitionBy.type,
      expr: taxi.silver.partitionBy.expr,
      doc: taxi.silver.partitionBy.description,
    });
  });
});

describe("silverCondition", () => {
  it.each([
    [[], ""],
    [["a > 0"], "(a > 0)"],
    [["a > 0 OR b", "c"], "(a > 0 OR b) AND (c)"],
  ])("of %j", (filters, condition) => {
    expect(silverCondition(silverOf({ filters }))).toBe(condition);
  });
});
