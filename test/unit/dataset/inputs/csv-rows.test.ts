import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { CsvRows, maxRecordBytes, type Row } from "../../../../src/dataset/inputs/csv-rows.js";
import { Random } from "../../../../src/dataset/synthetic/random.js";

/** Reads a text in pieces of a size, so that every boundary is met. */
function rowsOf(text: string, piece = text.length || 1, delimiter = ","): Row[] {
  const rows = new CsvRows(delimiter);
  const found: Row[] = [];
  const drain = () => {
    for (let row = rows.next(); row; row = rows.next()) found.push(row);
  };
  for (let at = 0; at < text.length; at += piece) {
    rows.push(text.slice(at, at + piece));
    drain();
  }
  rows.end();
  drain();
  return found;
}
const cellsOf = (text: string, piece?: number) => rowsOf(text, piece).map(({ cells }) => cells);

describe("CsvRows", () => {
  it("splits rows at LF, CRLF and both, and skips empty lines", () => {
    expect(cellsOf("a,b\r\nc,d\n\n\r\ne,\n,f")).toEqual([
      ["a", "b"],
      ["c", "d"],
      ["e", ""],
      ["", "f"],
    ]);
  });

  it("knows which cells were quoted", () => {
    const [row] = rowsOf('"",,"a ""b""\n,c"\n');
    expect(row).toMatchObject({ cells: ["", "", 'a "b"\n,c'], quoted: [true, false, true], broken: false });
  });

  it("takes a quote within a cell as text", () => {
    expect(cellsOf('a 5" pipe,"b"\n')).toEqual([['a 5" pipe', "b"]]);
  });

  it.each(['a,"b\nc,d\n', 'a,"b"x\nc,d\n'])("gives a broken row's first line and goes on: %j", (text) => {
    const rows = rowsOf(text);
    expect(rows[0]).toMatchObject({ broken: true, raw: text.split("\n")[0] });
    expect(rows[1]).toMatchObject({ broken: false, cells: ["c", "d"] });
  });

  it("does not let an unclosed quote swallow more than the longest record", () => {
    const rows = new CsvRows(",");
    rows.push('a,"b\nc,d\n');
    expect(rows.next()).toBeUndefined();
    rows.push("x".repeat(maxRecordBytes));
    expect(rows.next()).toMatchObject({ broken: true, raw: 'a,"b' });
    expect(rows.next()).toMatchObject({ broken: false, cells: ["c", "d"] });
  });

  it("agrees with csv-parse on whatever quoted text it is given, however it is cut", () => {
    const random = new Random(7);
    const letters = ["a", "1", ",", '"', "\n", "\r\n", " ", "é", ";"];
    for (let round = 0; round < 300; round++) {
      const table = Array.from({ length: 4 }, () =>
        Array.from({ length: 3 }, () =>
          Array.from({ length: random.below(6) }, () => letters[random.below(letters.length)]).join(""),
        ),
      );
      const text = table
        .map((row) =>
          row.map((cell) => (/^\w+$/.test(cell) ? cell : `"${cell.replaceAll('"', '""')}"`)).join(","),
        )
        .join(round % 2 === 0 ? "\n" : "\r\n");
      const expected = parse(text, { record_delimiter: ["\r\n", "\n"] });
      expect(cellsOf(text)).toEqual(expected);
      expect(cellsOf(text, 1 + random.below(5))).toEqual(expected);
    }
  });
});
