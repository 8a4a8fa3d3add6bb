import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../fixtures.js";
import { gzipInt96File, nestedFile, zstdFile } from "../inputs/pyarrow-files.js";
import { planned, reasonOf, typesOf } from "./planned.js";

const file = temporaryFolder();

describe("Parquet files", () => {
  it.each([
    ["zstd", zstdFile],
    ["gzip and INT96 timestamps", gzipInt96File],
  ])("have the types of their schema, unless a value does not fit: %s", async (_, content) => {
    const plan = await planned({ files: [file("a.parquet", content)] });
    expect(typesOf(plan)).toEqual({
      order_id: "BIGINT",
      placed: "TIMESTAMP(6)",
      customer: "STRING",
      amount: "DECIMAL(10, 2)",
      weight: "STRING",
      paid: "BOOLEAN",
      due: "DATE",
      total: "BIGINT",
      more: "ARRAY<BIGINT>",
      big: "DECIMAL(20, 0)",
    });
    expect(reasonOf(plan, "weight")).toBe(
      'DOUBLE in Parquet, but not every value fits DOUBLE: numbers, but also text, such as "NaN" in record 3; never NULL',
    );
    expect(plan.records).toBe(4);
  });

  it("have nested types, zones, and no column for bytes that are no text", async () => {
    const plan = await planned({ files: [file("b.parquet", nestedFile)] });
    expect(typesOf(plan)).toEqual({
      OrderID: "INT",
      placed: "TIMESTAMP_LTZ(6)",
      customer: "STRING",
      tags: "ARRAY<STRING>",
      attrs: "MAP<STRING, INT>",
      st: "ROW<`a` INT, `b` ROW<`at` TIMESTAMP_LTZ(6), `x` ARRAY<DECIMAL(5, 1)>>>",
    });
    expect(plan.leftOut).toEqual([{ source: "bytes", reason: "bytes that are no text" }]);
    expect(plan.naturalKey).toEqual(["OrderID"]);
  });

  it("may be read in part, and several as one", async () => {
    const files = [file("c.parquet", zstdFile), file("d.parquet", zstdFile)];
    expect((await planned({ files }, 3)).records).toBe(3);
    const both = await planned({ files });
    expect(both.records).toBe(8);
    expect(both.messageKey).toBeUndefined();
  });
});
