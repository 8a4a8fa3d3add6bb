import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { openTable } from "../../../../src/dataset/inputs/parquet.js";
import { valueToken } from "../../../../src/dataset/inputs/parquet-values.js";
import { problemOf } from "../../../helpers/problem.js";
import { keysOf, ordersDataset, readAll, temporaryFolder, valuesOf } from "../fixtures.js";
import { gzipInt96File, nestedFile, zstdFile } from "./pyarrow-files.js";

const file = temporaryFolder();
const orders = ordersDataset(file);
const read = (content: Buffer) => readAll(orders, [file("in.parquet", content)]);

const expectedRows = [
  '{"OrderID":1,"placed":"2024-01-01 10:00:00.123456","customer":"ann","amount":12345678.90,"weight":0.1,' +
    '"paid":true,"due":"2024-02-29","total":9223372036854775807,"more":[1,2],"big":18446744073709551615}',
  '{"OrderID":2,"placed":"1969-12-31 23:59:59.999999","customer":"é\\"\\n😀","amount":-0.01,"weight":1e+300,' +
    '"paid":false,"due":"1900-01-01","total":-9223372036854775808,"more":[],"big":0}',
  '{"OrderID":null,"placed":null,"customer":"","amount":null,"weight":"NaN",' +
    '"paid":null,"due":null,"total":null,"more":null,"big":null}',
  '{"OrderID":2147483648,"placed":"2024-02-29 00:00:00","customer":null,"amount":0.00,"weight":-0.0,' +
    '"paid":true,"due":"9999-12-31","total":0,"more":[3],"big":1}',
];

/** Orders with so many rows in each group. */
function written(rows: number, codec: "SNAPPY" | "GZIP" | "UNCOMPRESSED", rowGroupSize: number): Buffer {
  const ids = Array.from({ length: rows }, (_, index) => index);
  return Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: "OrderID", data: ids, type: "INT32" },
        { name: "placed", data: ids.map((id) => new Date(id * 1001)), type: "TIMESTAMP" },
        { name: "customer", data: ids.map((id) => `c${id % 7}`), type: "STRING" },
      ],
      codec,
      compressors: { GZIP: (bytes) => gzipSync(bytes) },
      rowGroupSize,
      pageSize: 4096,
    }),
  );
}

describe("Parquet", () => {
  it.each([
    ["zstd", zstdFile],
    ["gzip and INT96 timestamps", gzipInt96File],
  ])("reads every value of a PyArrow file exactly: %s", async (_, content) => {
    const { records } = await read(content);
    expect(valuesOf(records)).toEqual(expectedRows);
    expect(keysOf(records)).toEqual(["ann|1", 'é"\n😀|2', null, "|2147483648"]);
  });

  it.each(["SNAPPY", "GZIP", "UNCOMPRESSED"] as const)(
    "reads all row groups and slices: %s",
    async (codec) => {
      const { records } = await read(written(150_000, codec, 70_000));
      expect(records).toHaveLength(150_000);
      const seen = new Set(
        records.map(({ value }) => (JSON.parse(String(value)) as { OrderID: number }).OrderID),
      );
      expect(seen.size).toBe(150_000);
      expect(String(records[149_999]?.value)).toBe(
        '{"OrderID":149999,"placed":"1970-01-02 17:42:28.999","customer":"c3"}',
      );
    },
  );

  it("refuses a file that is cut off, at any length", async () => {
    const whole = written(1000, "SNAPPY", 1000);
    for (const length of [4, 100, whole.length - 9, whole.length - 1]) {
      const problem = await problemOf(() => read(whole.subarray(0, length)));
      expect(problem.code).toBe("input_corrupt");
    }
  });

  it("refuses a file without rows, or without the columns", async () => {
    expect((await problemOf(() => read(written(0, "SNAPPY", 10)))).message).toContain("has no records");
    const other = parquetWriteBuffer({ columnData: [{ name: "order_id", data: [1], type: "INT32" }] });
    const problem = await problemOf(() => read(Buffer.from(other)));
    expect(problem.message).toContain("the column placed (or placed_at) is missing");
    expect(problem.message).toContain("the column customer is missing");
  });

  it("refuses Parquet within gzip", async () => {
    const path = file("in.parquet.gz", gzipSync(written(10, "SNAPPY", 10)));
    expect((await problemOf(() => readAll(orders, [path]))).hint).toContain("unpack it first");
  });
});

describe("nested and zoned values", () => {
  it("become JSON whose parts are written as columns are", async () => {
    const { records } = await read(nestedFile);
    expect(valuesOf(records)).toEqual([
      '{"OrderID":1,"placed":"2024-01-01 00:00:00.123456","customer":"a","tags":["é","b"],"attrs":{"ké":1,"l":null},' +
        '"st":{"a":1,"b":{"at":"2024-01-01 00:00:00","x":[1.5,null]}},"bytes":"/wA="}',
      '{"OrderID":2,"placed":"1969-12-31 23:59:59.999999","customer":"b","tags":[],"attrs":{},"st":null,"bytes":"text"}',
      '{"OrderID":3,"placed":null,"customer":null,"tags":null,"attrs":null,"st":{"a":null,"b":null},"bytes":null}',
    ]);
  });

  it("have a Z where the file says UTC and the dataset wants a zone, at any depth", async () => {
    const { columns, slices } = await openTable(file("zoned.parquet", nestedFile));
    const zone = { kind: "timestamp_ltz" };
    const row = {
      kind: "row",
      fields: [{ name: "b", type: { kind: "row", fields: [{ name: "at", type: zone }] } }],
    };
    const all = slices();
    const { value: slice } = (await all.next()) as { value: { rows: readonly (readonly unknown[])[] } };
    await all.return(undefined);
    const tokenOf = (name: string, type: { kind: string }) => {
      const index = columns.findIndex(({ element }) => element.name === name);
      return valueToken(columns[index] as (typeof columns)[number], type)(slice.rows[0]?.[index]);
    };
    expect(tokenOf("placed", zone)).toBe('"2024-01-01 00:00:00.123456Z"');
    expect(tokenOf("placed", { kind: "timestamp" })).toBe('"2024-01-01 00:00:00.123456"');
    expect(tokenOf("st", row)).toBe('{"a":1,"b":{"at":"2024-01-01 00:00:00Z","x":[1.5,null]}}');
  });
});
