import { describe, expect, it } from "vitest";
import { problemOf } from "../../../helpers/problem.js";
import { keysOf, ordersDataset, readAll, temporaryFolder, valuesOf } from "../fixtures.js";

const file = temporaryFolder();
const orders = ordersDataset(file);
const read = (text: string | Buffer) => readAll(orders, [file("in.csv", text)]);
const header = "OrderID,placed,customer,amount";

describe("CSV", () => {
  it("renames aliases, writes numbers as they stand and makes a key", async () => {
    const { records } = await read("order_id,placed_at,customer,amount\n007,2024-01-01 10:00:00,ann,1.50\n");
    expect(valuesOf(records)).toEqual([
      '{"OrderID":"007","placed":"2024-01-01 10:00:00","customer":"ann","amount":1.50}',
    ]);
    expect(keysOf(records)).toEqual(["ann|007"]);
  });

  it.each([
    ["12345678901234567890.10", "12345678901234567890.10"],
    ["1E+5", "1E+5"],
    ["-0", "-0"],
    [".5", "0.5"],
    ["-.5e3", "-0.5e3"],
    ["+.5", '"+.5"'],
    [".", '"."'],
    ["5.", '"5."'],
    ["-.", '"-."'],
    ["+1", '"+1"'],
    ["1_000", '"1_000"'],
    [" 1", '" 1"'],
    ["0x10", '"0x10"'],
    ["NaN", '"NaN"'],
    ["", "null"],
    ['""', "null"],
  ])("a numeric cell %j becomes %s", async (cell, token) => {
    const { records } = await read(`${header}\n1,2024-01-01,ann,${cell}\n`);
    expect(valuesOf(records)[0]).toBe(
      `{"OrderID":1,"placed":"2024-01-01","customer":"ann","amount":${token}}`,
    );
  });

  it("tells an empty text from a missing one by its quotes", async () => {
    const { records } = await read(`${header}\n1,,,\n2,,"",\n`);
    expect(valuesOf(records)).toEqual([
      '{"OrderID":1,"placed":null,"customer":null,"amount":null}',
      '{"OrderID":2,"placed":null,"customer":"","amount":null}',
    ]);
  });

  it("writes true and false bare, and nothing else that looks like them", async () => {
    const { records } = await read("OrderID,placed,customer,paid\n1,,a,true\n2,,a,True\n");
    expect(valuesOf(records).map((value) => value?.split(":").at(-1))).toEqual(["true}", '"True"}']);
  });

  it("keeps columns that nobody knows, as text under their own name", async () => {
    const { records } = await read(`,${header},größe\n0,1,,a,,9\n`);
    expect(valuesOf(records)[0]).toBe(
      '{"":"0","OrderID":1,"placed":null,"customer":"a","amount":null,"größe":"9"}',
    );
  });

  it.each([
    ["semicolon", ";"],
    ["tab", "\t"],
    ["bar", "|"],
  ])("finds the delimiter: %s", async (_, delimiter) => {
    const text = `${header}\n1,"a${delimiter}b",c,2\n`.replaceAll(",", delimiter);
    expect(valuesOf((await read(text)).records)[0]).toContain(`"placed":${JSON.stringify(`a${delimiter}b`)}`);
  });

  it("reads a byte order mark, CRLF and LF in one file, and quoted headers", async () => {
    const { records } = await read(`\uFEFF"OrderID",placed,customer\r\n1,,a\n2,,b\r\n3,,c`);
    expect(keysOf(records)).toEqual(["a|1", "b|2", "c|3"]);
  });

  it("carries hostile text through unchanged", async () => {
    for (const text of [
      '"',
      "\n",
      "\\",
      "$".concat("{x}"),
      "{{x}}",
      "😀 \u2028",
      "'; DROP TABLE x; --",
      "x".repeat(1_000_000),
    ]) {
      const { records } = await read(`${header}\n1,,"${text.replaceAll('"', '""')}",2\n`);
      expect(JSON.parse(String(valuesOf(records)[0])).customer).toBe(text);
    }
  });

  it("carries bytes that are no UTF-8 through unchanged", async () => {
    const { records } = await read(
      Buffer.concat([Buffer.from(`${header}\n1,,`), Buffer.from([0xe9, 0xff]), Buffer.from(",2\n")]),
    );
    expect(records[0]?.value?.includes(Buffer.from([0x22, 0xe9, 0xff, 0x22]))).toBe(true);
  });

  it("sends rows that cannot be read as their raw text, and counts them", async () => {
    const { records, unreadable } = await read(`${header}\n1,2\n1,,a,2\n1,,"a"b,2\n1,2,3,4,5\r\n2,,"x`);
    expect(valuesOf(records)).toEqual([
      "1,2",
      '{"OrderID":1,"placed":null,"customer":"a","amount":2}',
      '1,,"a"b,2',
      "1,2,3,4,5",
      '2,,"x',
    ]);
    expect(keysOf(records)[0]).toBeNull();
    expect(unreadable).toBe(4);
  });

  it("names every missing column at once, with what was probably meant", async () => {
    const problem = await problemOf(() => read("orderid,Customer,amount\n1,a,2\n"));
    expect(problem).toMatchObject({ code: "input_columns", kind: "usage" });
    expect(problem.message).toContain('the column OrderID (or order_id) is missing; did you mean "orderid"?');
    expect(problem.message).toContain("the column placed (or placed_at) is missing");
    expect(problem.message).toContain('the column customer is missing; did you mean "Customer"?');
  });

  it("refuses two columns for one", async () => {
    expect((await problemOf(() => read(`${header},amount\n1,,a,1,1\n`))).message).toContain(
      '"amount" is there twice',
    );
    const two = await problemOf(() => read(`${header},order_id\n1,,a,1,1\n`));
    expect(two.message).toContain("OrderID and order_id both are OrderID");
  });
});
