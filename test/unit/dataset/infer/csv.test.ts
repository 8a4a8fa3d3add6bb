import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { problemOf } from "../../../helpers/problem.js";
import { temporaryFolder } from "../fixtures.js";
import { zstdCsv } from "../inputs/zstd-files.js";
import { planned, reasonOf, typesOf } from "./planned.js";

const file = temporaryFolder();
/** The type of a column with these cells. */
const typeOf = async (...cells: string[]) => {
  const plan = await planned(`n,c\n${cells.map((cell, n) => `${n},${cell}\n`).join("")}`);
  return [typesOf(plan).c, reasonOf(plan, "c")];
};

describe("types of CSV columns", () => {
  it.each([
    ["INT", ["1", "-2147483648", ""]],
    ["INT", ["12", " 12 "]],
    ["BIGINT", ["1", "2147483648"]],
    ["BIGINT", ["9007199254740993"]],
    ["DECIMAL(38, 0)", ["9223372036854775808"]],
    ["DECIMAL(38, 0)", ["9".repeat(38)]],
    ["STRING", ["9".repeat(39)]],
    ["STRING", ["1", "007"]],
    ["STRING", ["+1"]],
    ["DOUBLE", ["1", "2.5", "1e3"]],
    ["DOUBLE", ["0.0"]],
    ["DOUBLE", ["0.30000000000000004"]],
    ["DECIMAL(19, 2)", ["12345678901234567.25", "1.5"]],
    ["DECIMAL(17, 1)", ["9007199254740993", "0.5"]],
    ["STRING", ["1e400", "0.5"]],
    ["STRING", ["NaN", "1.5"]],
    ["BOOLEAN", ["true", "false", ""]],
    ["STRING", ["true", "True"]],
    ["STRING", ["yes", "no"]],
    ["INT", ["0", "1"]],
    ["STRING", ["true", "1"]],
    ["DATE", ["2024-02-29", "1960-01-01"]],
    ["STRING", ["2024-02-30"]],
    ["STRING", ["2024-01-01", "2024-01-01 10:00:00"]],
    ["TIMESTAMP(6)", ["2024-01-01 10:00:00", "1969-12-31T10:00:00.123456"]],
    ["TIMESTAMP(6)", ["2024-01-01 10:00:00.1234560"]],
    ["STRING", ["2024-01-01 10:00:00.1234567"]],
    ["TIMESTAMP_LTZ(6)", ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"]],
    ["STRING", ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00"]],
    ["STRING", ["01/02/2019"]],
    ["STRING", ["", ""]],
    ["STRING", ['""', ""]],
    ["INT", ['""', "1"]],
    ["STRING", ["1", "  "]],
    ["STRING", ["NULL", "1"]],
    ["STRING", ["{}"]],
  ])("%s from %j", async (type, cells) => {
    expect((await typeOf(...cells))[0]).toBe(type);
  });

  it.each([
    [["1", "N/A"], 'numbers, but also text, such as "N/A" in record 2; never NULL'],
    [
      ["", "007"],
      'has leading zeros or a plus sign, such as "007" in record 2: as numbers they would be lost; NULL in 1 of 2',
    ],
    [
      ["01/02/2019"],
      'looks like dates, but what "01/02/2019" in record 1 means is not certain: a derived column can read it; never NULL',
    ],
    [["2024-02-30"], 'dates or times that do not exist, such as "2024-02-30" in record 1; never NULL'],
    [["", ""], "never has a value: nothing is known of its type"],
    [['"a\n#b"', "1"], 'numbers, but also text, such as "a\\n#b" in record 1; never NULL'],
  ])("%j says why", async (cells, reason) => {
    expect((await typeOf(...cells))[1]).toBe(reason);
  });
});

describe("CSV files", () => {
  it.each([
    ["comma", "a,b\n1,x\n2,y\n"],
    ["semicolon", "a;b\n1;x,y\n2;y,z\n"],
    ["semicolon with decimal commas in all cells", "a;b\n1,5;2,5\n1,6;2,6\n"],
    ["tab, a byte order mark and CRLF", "\uFEFFa\tb\r\n1\tx\r\n2\ty\r\n"],
    ["quotes", '"a","b"\n"1","x\n""y"""\n2,z'],
    ["only a header and one row", "a,b\n1,x"],
  ])("finds the delimiter: %s", async (_, text) => {
    expect(Object.keys(typesOf(await planned(text)))).toEqual(["a", "b"]);
  });

  it("reads a file of one column", async () => {
    expect(typesOf(await planned("a\n1\n2\n"))).toEqual({ a: "INT" });
  });

  it("reads packed files, and several of one shape as one", async () => {
    const files = [
      file("a.csv", "id,v,w\n1,1,x\n2,2,y\n"),
      file("b.csv.gz", gzipSync("w,id,v,more\nz,3,2.5,q\n")),
      file("c.csv.zst", zstdCsv),
    ];
    const plan = await planned({ files: files.slice(0, 2) });
    expect(typesOf(plan)).toEqual({ id: "INT", v: "DOUBLE", w: "STRING", more: "STRING" });
    expect(plan.columns.map(({ isOptional }) => isOptional)).toEqual([false, false, false, true]);
    expect(plan.naturalKey).toEqual(["id"]);
    expect((await planned({ files: files.slice(2) })).records).toBe(2);
  });

  it("counts rows that cannot be read, and learns nothing of them", async () => {
    const plan = await planned(
      Buffer.concat([
        Buffer.from("id,v\n1,2\n2\n3,x,4\n5,"),
        Buffer.from([0xff]),
        Buffer.from('\n6,7\n8,9\n10,11\n"12\n'),
      ]),
    );
    expect(typesOf(plan)).toEqual({ id: "INT", v: "INT" });
    expect(plan.records).toBe(4);
    expect(plan.notes).toEqual([
      "4 records cannot be read and will be dead letters; nothing was learned of them",
      "some records are no UTF-8, but probably ISO-8859-1: convert them with iconv -f ISO-8859-1 -t UTF-8 FILE",
    ]);
  });

  it("reads so many records as it is told to, and says so", async () => {
    const plan = await planned("id,v\n1,2\n2,3\n3,x\n", 2);
    expect(typesOf(plan)).toEqual({ id: "INT", v: "INT" });
    expect(plan.notes).toEqual([
      "only 2 records were read: what comes behind them may not fit",
      "that id tells records apart was seen in these only: of others with one key silver keeps one, and `validate --deep` warns of it",
    ]);
  });

  it("leaves a column without a name out", async () => {
    const plan = await planned("id,,v\n1,2,3\n");
    expect(plan.leftOut).toEqual([{ source: "", reason: "it has no name" }]);
  });

  it.each([
    ["a name twice", "a,b,a\n1,2,3\n", "input_columns", 'has the column "a" twice'],
    ["mostly broken rows", "a,b\n1\n2\n3,4\n", "input_format", "2 of 3 rows cannot be read"],
    ["only a header", "a,b\n", "input_empty", "no records"],
    ["nothing", "", "input_empty", "is empty"],
    ["binary", Buffer.from([1, 0, 2]), "input_format", "binary data"],
    [
      "too many columns",
      `${Array.from({ length: 2001 }, (_, n) => `c${n}`).join(",")}\n`,
      "too_many_columns",
      "more than 2000",
    ],
  ])("refuses %s", async (_, text, code, message) => {
    const found = await problemOf(() => planned(text));
    expect(found).toMatchObject({ code, kind: "usage" });
    expect(found.message).toContain(message);
    expect(found.hint ?? "").not.toContain("sent");
  });

  it("refuses files of two formats, and a packed file that is cut off", async () => {
    const files = [file("m.csv", "a,b\n1,2\n"), file("m.jsonl", '{"a":1}\n')];
    expect((await problemOf(() => planned({ files }))).message).toContain(
      "is json, but the input before it is csv",
    );
    const cut = file("cut.csv.gz", gzipSync(`a,b\n${"1,2\n".repeat(5000)}`).subarray(0, 40));
    expect(await problemOf(() => planned({ files: [cut] }))).toMatchObject({ code: "input_corrupt" });
  });
});
