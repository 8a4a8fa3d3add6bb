import { describe, expect, it } from "vitest";
import { JsonValues, maxRecordBytes } from "../../../../src/dataset/inputs/json-values.js";
import { keysOf, ordersDataset, readAll, temporaryFolder, valuesOf } from "../fixtures.js";

const file = temporaryFolder();
const orders = ordersDataset(file);

function split(text: string | Buffer, pieceBytes: number): string[] {
  const bytes = Buffer.from(text as string);
  const values = new JsonValues("x.json");
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    for (const value of values.push(bytes.subarray(at, at + pieceBytes))) found.push(value.toString());
  }
  for (const value of values.end()) found.push(value.toString());
  return found;
}

const cases: [name: string, text: string, values: string[]][] = [
  ["an array", '[{"a":1}, {"a":2}\n,{"a":[1,{"b":"]"}]} ]\n', ['{"a":1}', '{"a":2}', '{"a":[1,{"b":"]"}]}']],
  ["objects over several lines", '{\n "a": 1\n}\n{\n "a": "}"\n}', ['{\n "a": 1\n}', '{\n "a": "}"\n}']],
  ["objects without anything between", '{"a":1}{"a":2}', ['{"a":1}', '{"a":2}']],
  ["quotes and backslashes", '[{"a\\"}":"\\\\"},{"b":"\\\\\\""}]', ['{"a\\"}":"\\\\"}', '{"b":"\\\\\\""}']],
  ["what is no object", '[1, "a\\"b", null,[2],true]', ["1", '"a\\"b"', "null", "[2]", "true"]],
  ["two arrays", '[{"a":1}]\n[{"a":2}]', ['{"a":1}', '{"a":2}']],
  ["a value that is cut off", '{"a":1}\n{"a":', ['{"a":1}', '{"a":']],
  ["words behind an array", "[1] oops }", ["1", "oops", "}"]],
  ["nothing", " [ ] ", []],
];

describe("JsonValues", () => {
  it.each(cases)("splits %s, however it comes", (_, text, values) => {
    for (const bytes of [1, 2, 3, 5, 1000]) expect(split(text, bytes)).toEqual(values);
  });

  it("takes a byte order mark off", () => {
    expect(split('\uFEFF[{"a":1}]', 1000)).toEqual(['{"a":1}']);
  });

  it("says that an array is cut off, after its last value", () => {
    const values = new JsonValues("x.json");
    expect([...values.push(Buffer.from('[{"a":1},{"a'))].map(String)).toEqual(['{"a":1}']);
    const end = values.end();
    expect(String(end.next().value)).toBe('{"a');
    expect(() => end.next()).toThrow("x.json ends within its JSON array");
  });

  it("refuses a value that would fill the memory", () => {
    const values = new JsonValues("x.json");
    const piece = Buffer.alloc(8 * 1024 * 1024, "x");
    expect([...values.push(Buffer.from('[{"a":"'))]).toEqual([]);
    expect(() => {
      for (let bytes = 0; bytes <= maxRecordBytes; bytes += piece.length) for (const _ of values.push(piece));
    }).toThrow("x.json has a JSON value of more than 64 MiB");
  });
});

describe("generate from JSON", () => {
  const pretty =
    '[\n  {\n    "order_id": 1.50,\n    "customer": "a"\n  },\n  {"OrderID": 2, "customer": "b"}\n]\n';

  it.each(["x.json", "x.jsonl", "x"])("sends each object of an array byte for byte: %s", async (name) => {
    const { records, unreadable } = await readAll(orders, [file(name, pretty)]);
    expect(valuesOf(records)).toEqual([
      '{\n    "OrderID": 1.50,\n    "customer": "a"\n  }',
      '{"OrderID": 2, "customer": "b"}',
    ]);
    expect(keysOf(records)).toEqual(["a|1.50", "b|2"]);
    expect(unreadable).toBe(0);
  });

  it("reads it from standard input", async () => {
    expect((await readAll(orders, ["-"], pretty)).records).toHaveLength(2);
    expect((await readAll(orders, ["-"], '{\n "OrderID": 1\n}\n{\n "OrderID": 2\n}\n')).records).toHaveLength(
      2,
    );
  });

  it("finds objects over several lines that begin on the first", async () => {
    const text = '{"OrderID": 1,\n "customer": "a"}\n{"OrderID": 2,\n "customer": "b"}\n';
    expect(keysOf((await readAll(orders, [file("y.json", text)])).records)).toEqual(["a|1", "b|2"]);
  });

  it("reads an array on one line, and one a line", async () => {
    const one = '[{"OrderID":1,"customer":"a"},{"OrderID":2,"customer":"b"}]';
    expect((await readAll(orders, [file("z.json", one)])).records).toHaveLength(2);
    expect((await readAll(orders, [file("z.json", `${one}\n${one}\n`)])).records).toHaveLength(4);
  });

  it("keeps to lines where the first one is broken", async () => {
    const lines = ['{"OrderID":', '{"OrderID":1}', "[1]"];
    const { records, unreadable } = await readAll(orders, [file("w.jsonl", `${lines.join("\n")}\n`)]);
    expect(valuesOf(records)).toEqual(lines);
    expect(unreadable).toBe(2);
    const array = ["[1]", '{"OrderID":1}'];
    expect(valuesOf((await readAll(orders, [file("v.jsonl", array.join("\n"))])).records)).toEqual(array);
  });

  it("counts what is no object, and sends it", async () => {
    const { records, unreadable } = await readAll(orders, [file("u.json", '[{"OrderID":1},2,"x"]')]);
    expect(valuesOf(records)).toEqual(['{"OrderID":1}', "2", '"x"']);
    expect(unreadable).toBe(2);
  });
});
