import { describe, expect, it } from "vitest";
import { topLevelFields } from "../../../../src/dataset/inputs/json-fields.js";
import { problemOf } from "../../../helpers/problem.js";
import { keysOf, ordersDataset, readAll, temporaryFolder, valuesOf } from "../fixtures.js";

const file = temporaryFolder();
const orders = ordersDataset(file);
const read = (text: string | Buffer) => readAll(orders, [file("in.jsonl", text)]);

describe("JSON lines", () => {
  it.each([
    '{"OrderID":1,"customer":"a"}',
    ' { "OrderID" : 1.50e3 , "customer":"\\u0061", "x": [1, {"order_id": 2}] } ',
    '{"OrderID":1,"OrderID":12345678901234567890}',
  ])("passes %s byte for byte", async (line) => {
    expect(valuesOf((await read(`${line}\n`)).records)).toEqual([line]);
  });

  it("renames top-level aliases only, and leaves every other byte", async () => {
    const { records } = await read(
      '{ "order_id": 1.500, "x": {"order_id": 1}, "placed\\u005fat":"é\\n", "order_id":99999999999999999999 }\n',
    );
    expect(valuesOf(records)).toEqual([
      '{ "OrderID": 1.500, "x": {"order_id": 1}, "placed":"é\\n", "OrderID":99999999999999999999 }',
    ]);
  });

  it("makes the key of the message-key fields", async () => {
    const { records } = await read(
      '{"customer":"a\\n\\u00e9","order_id":7}\n{"customer":null,"OrderID":7}\n{"x":1}\n',
    );
    expect(keysOf(records)).toEqual(["a\né|7", "|7", null]);
  });

  it("passes lines that are no JSON object, and counts them", async () => {
    const lines = ["not json", '{"OrderID":1', "[1]", "42", "null", '{"OrderID":2}', '{"a":1}{"b":2'];
    const { records, unreadable } = await read(`${lines.join("\n")}\n`);
    expect(valuesOf(records)).toEqual(lines);
    expect(unreadable).toBe(6);
    const invalid = Buffer.from([...Buffer.from('{"OrderID":1,"customer":"'), 0xff, ...Buffer.from('"}')]);
    const second = await read(invalid);
    expect(second.records[0]?.value).toEqual(invalid);
    expect(second.unreadable).toBe(1);
  });

  it("skips blank lines, line ends and the byte order mark", async () => {
    const { records } = await read('\uFEFF{"OrderID":1}\r\n\r\n  \n{"OrderID":2}');
    expect(valuesOf(records)).toEqual(['{"OrderID":1}', '{"OrderID":2}']);
  });

  it("reads lines longer than a piece of the file", async () => {
    const line = `{"OrderID":1,"customer":"${"x".repeat(1_000_000)}"}`;
    expect(valuesOf((await read(`${line}\n${line}\n`)).records)).toEqual([line, line]);
  });

  it.each([
    ["CSV", "OrderID,placed,customer\n1,,a\n", "looks like CSV"],
    [
      "objects of something else",
      '{"title":"x","year":1}\n',
      "none of the columns of orders, but title, year",
    ],
    ["nothing but blank lines", "\n\n", "has no records"],
  ])("refuses %s", async (_, text, expected) => {
    const problem = await problemOf(() => read(text));
    expect(problem.kind).toBe("usage");
    expect(problem.message).toContain(expected);
  });
});

describe("topLevelFields", () => {
  it("finds keys and values whatever they hold", () => {
    const text = '{"a\\"}":"\\\\", "b" :[{"c":"]"}] ,"d":-1e5,"e":{},"f":true}';
    const found = topLevelFields(text).map((field) => [
      text.slice(field.keyStart, field.keyEnd),
      text.slice(field.valueStart, field.valueEnd),
    ]);
    expect(found).toEqual([
      ['"a\\"}"', '"\\\\"'],
      ['"b"', '[{"c":"]"}]'],
      ['"d"', "-1e5"],
      ['"e"', "{}"],
      ['"f"', "true"],
    ]);
    expect(topLevelFields(" {} ")).toEqual([]);
  });
});
