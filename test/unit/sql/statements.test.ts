import { describe, expect, it } from "vitest";
import { splitStatements } from "../../../src/sql/statements.js";

const split = (text: string) => splitStatements("f.sql", text).map(({ sql }) => sql);

describe("splitStatements", () => {
  it.each([
    ["nothing", "", []],
    ["blank space and lone semicolons", " ;\n;; \n", []],
    ["comments only", "-- a; b\n/* c; */\n", []],
    ["one without a semicolon", "SELECT 1", ["SELECT 1"]],
    ["two on a line", "SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["literals with semicolons", "SET 'a;b' = ';'; SELECT ';';", ["SET 'a;b' = ';'", "SELECT ';'"]],
    ["literals with quotes", "SELECT 'it''s; x', ''; SELECT 2", ["SELECT 'it''s; x', ''", "SELECT 2"]],
    ["comments in literals", "SELECT '-- x', '/* y'; SELECT 2;", ["SELECT '-- x', '/* y'", "SELECT 2"]],
    ["identifiers with semicolons", "SELECT `a;``;b`; SELECT 2;", ["SELECT `a;``;b`", "SELECT 2"]],
    [
      "a semicolon in a line comment",
      "SELECT 1 -- a; b 'c\n, 2; SELECT 3",
      ["SELECT 1 -- a; b 'c\n, 2", "SELECT 3"],
    ],
    [
      "a semicolon in a block comment",
      "SELECT /* a;\n'b */ 1; SELECT 2",
      ["SELECT /* a;\n'b */ 1", "SELECT 2"],
    ],
    ["a comment in front", "-- first; one\nSELECT 1; /* second; */ SELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["minus and division", "SELECT 1 - 2, 4 / 2 - -1; SELECT 2", ["SELECT 1 - 2, 4 / 2 - -1", "SELECT 2"]],
    [
      "a hint, which is no comment",
      "INSERT INTO t /*+ OPTIONS('branch' = 'a;b') */ SELECT 1; SELECT 2;",
      ["INSERT INTO t /*+ OPTIONS('branch' = 'a;b') */ SELECT 1", "SELECT 2"],
    ],
    ["an open literal", "SELECT 'a; b", ["SELECT 'a", "b"]],
  ])("reads %s", (_name, text, statements) => {
    expect(split(text)).toEqual(statements);
  });

  it("keeps a statement set whole, in any case and spacing", () => {
    const set =
      "Execute Statement\n set BEGIN\nINSERT INTO a SELECT 1;\n-- x;\nINSERT INTO b SELECT ';';\nEND";
    expect(split(`${set};\nSELECT 1;`)).toEqual([set, "SELECT 1"]);
  });

  it("is not ended by the END of a CASE in a set, nor by a word that only begins with END", () => {
    const set = [
      "EXECUTE STATEMENT SET BEGIN",
      "INSERT INTO a SELECT CASE WHEN x > 0 THEN 1 END, CASE y WHEN 1 THEN 2 ELSE 3 END;",
      "INSERT INTO b SELECT CASE WHEN x > 0 THEN ';' END FROM ends;",
      "/* the END; */ END",
    ].join("\n");
    expect(split(`SET 'a' = 'b';\n${set};\nSELECT CASE WHEN 1 = 1 THEN 1 END; SELECT 2;`)).toEqual([
      "SET 'a' = 'b'",
      set,
      "SELECT CASE WHEN 1 = 1 THEN 1 END",
      "SELECT 2",
    ]);
  });

  it("reads two sets one after the other", () => {
    const set = "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END";
    expect(split(`${set};${set};`)).toEqual([set, set]);
  });

  it("gives the file and the line that each statement begins on", () => {
    const text = "-- comment\n\nSET 'a' =\n'b';\n/* two\nlines */ SELECT 1; SELECT\n2;\n\nSELECT 3";
    expect(
      splitStatements("build/sql/x.sql", text).map(({ file, line, sql }) => [file, line, sql.slice(0, 8)]),
    ).toEqual([
      ["build/sql/x.sql", 3, "SET 'a' "],
      ["build/sql/x.sql", 6, "SELECT 1"],
      ["build/sql/x.sql", 6, "SELECT\n2"],
      ["build/sql/x.sql", 9, "SELECT 3"],
    ]);
  });
});
