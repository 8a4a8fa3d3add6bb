import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { openTable } from "../../../../src/dataset/inputs/parquet.js";
import { valueToken } from "../../../../src/dataset/inputs/parquet-values.js";
import { problemOf } from "../../../helpers/problem.js";
import { ordersDataset, readAll, temporaryFolder } from "../fixtures.js";
import { planned, reasonOf, typesOf } from "../infer/planned.js";
import {
  clocks,
  corruptChecksum,
  int96BeforeEpoch,
  lz4OfNothing,
  mapWithoutValues,
  repeatedLeaf,
  snappyOfNothing,
  uncounted,
  variant,
} from "./odd-files.js";

const file = temporaryFolder();
const orders = ordersDataset(file);

/** A JSON array for each row, as for columns that no dataset has. */
async function rowsOf(content: Buffer): Promise<unknown[]> {
  const { columns, slices } = await openTable(file("in.parquet", content));
  const tokens = columns.map((column) => valueToken(column, undefined));
  const all: unknown[] = [];
  for await (const { rows } of slices())
    for (const row of rows) all.push(JSON.parse(`[${tokens.map((token, at) => token(row[at])).join(",")}]`));
  return all;
}

const infer = (content: Buffer) => planned({ files: [file("in.parquet", content)] });

/** Two row groups of orders; in the second one, the pages of a column are overwritten. */
function damagedBehind(rows: number): Buffer {
  const ids = Array.from({ length: 2 * rows }, (_, index) => index);
  const whole = Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: "OrderID", data: ids, type: "INT32" },
        { name: "placed", data: ids.map((id) => new Date(id * 1000)), type: "TIMESTAMP" },
        { name: "customer", data: ids.map((id) => `customer ${id}`), type: "STRING" },
      ],
      codec: "UNCOMPRESSED",
      rowGroupSize: rows,
    }),
  );
  const at = whole.indexOf(`customer ${rows}`);
  return Buffer.concat([whole.subarray(0, at - 40), Buffer.alloc(60, 0xff), whole.subarray(at + 20)]);
}

describe("Parquet, value by value", () => {
  it("takes a page without values for what it is", async () => {
    expect(await rowsOf(lz4OfNothing)).toEqual(Array.from({ length: 50 }, () => [null]));
    expect(await rowsOf(snappyOfNothing)).toEqual([[null]]);
  });

  it("has times before 1970 in INT96", async () => {
    expect(await rowsOf(int96BeforeEpoch)).toEqual([
      [1, "1969-12-31 23:59:59.999999"],
      [2, "1970-01-02 00:00:00"],
    ]);
  });

  it("tells an empty repeated field from NULL, and a map without values is a list of its keys", async () => {
    const both = (ints: number[], texts: string[]) => ({
      Int32_list_in_group: ints,
      String_list_in_group: texts,
    });
    expect(await rowsOf(repeatedLeaf)).toEqual([
      [[0, 1, 2, 3], ["foo", "zero", "one", "two"], both([0, 1, 2, 3], ["foo", "zero", "one", "two"])],
      [[], ["three"], both([], ["three"])],
      [[4], ["four"], both([4], ["four"])],
      [
        [5, 6, 7, 8],
        ["five", "six", "seven", "eight"],
        both([5, 6, 7, 8], ["five", "six", "seven", "eight"]),
      ],
    ]);
    expect((await rowsOf(mapWithoutValues))[0]).toEqual([
      { 1: null, 2: null, 3: null },
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it("sends what no type holds as text, with its unit in the notes", async () => {
    expect(await rowsOf(clocks)).toEqual([
      [1, "00:00:00", "PT1.5S", ["PT90061S"]],
      [2, "12:34:56.123456", "-PT0.001S", []],
      [3, null, null, null],
    ]);
    const plan = await infer(clocks);
    expect(typesOf(plan)).toEqual({ id: "BIGINT", at: "STRING", took: "STRING", each: "ARRAY<STRING>" });
    expect(plan.notes).toEqual([
      '"at" is a time of day in microseconds: as text, HH:MM:SS with a fraction',
      '"took" is a duration in milliseconds by its Arrow schema: as text, seconds by ISO 8601 (PT1.5S)',
      '"each.list.element" is a duration in seconds by its Arrow schema: as text, seconds by ISO 8601 (PT1.5S)',
    ]);
  });

  it("names a VARIANT", async () => {
    const plan = await infer(variant);
    expect(typesOf(plan)).toEqual({ id: "INT" });
    expect(reasonOf(plan, "var")).toMatch(/^a VARIANT in Parquet/);
  });
});

describe("Parquet that contradicts itself, or is damaged", () => {
  it("is read by `infer` and `generate` alike where the footer counts no rows, and that is noted", async () => {
    const plan = await infer(uncounted);
    expect(plan.records).toBe(6);
    expect(await rowsOf(uncounted)).toHaveLength(6);
    expect(plan.notes[0]).toMatch(/its footer counts no rows, but its row groups have 6, which were read$/);
  });

  it("is refused where a checksum does not match", async () => {
    for (const read of [infer, (content: Buffer) => readAll(orders, [file("in.parquet", content)])]) {
      const problem = await problemOf(() => read(corruptChecksum));
      expect(problem).toMatchObject({ code: "input_corrupt", kind: "usage" });
      expect(problem.message).toContain('the column "long_field": the checksum of a page does not match');
    }
  });

  it("is reported with the number of the record behind which it is damaged", async () => {
    const content = damagedBehind(5000);
    const problem = await problemOf(() => infer(content));
    expect(problem).toMatchObject({ code: "input_corrupt", kind: "usage" });
    expect(problem.message).toMatch(/in\.parquet is damaged behind record 5000: the column "customer": /);
    const sent = await problemOf(() => readAll(orders, [file("in.parquet", content)]));
    expect(sent.code).toBe("input_broken");
    expect(sent.message).toMatch(/could not be read after record 5000: the column "customer": /);
  });

  it("never is a bug, whatever bytes are overwritten", async () => {
    let seed = 1;
    const draw = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let run = 0; run < 300; run++) {
      const content = Buffer.from([clocks, repeatedLeaf, mapWithoutValues, variant][run % 4] as Buffer);
      for (let times = 0; times <= draw(3); times++) content[draw(content.length)] = draw(256);
      await infer(content).catch((error: unknown) => {
        expect(error, `run ${run}`).toMatchObject({ name: "PipectlError", kind: "usage" });
      });
    }
  });
});
