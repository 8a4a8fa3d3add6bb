import { describe, expect, it } from "vitest";
import { readSelect } from "../../../src/sql/select.js";

const read = (text: string) => readSelect("f.sql", text);
const problemOf = (text: string) => {
  const result = read(text);
  return "message" in result ? `${result.line}: ${result.message}` : undefined;
};

describe("the one query of a file", () => {
  it.each([
    ["SELECT 1", 1],
    ["-- a; b\n\n select 1 ;\n-- the end\n", 3],
    ["/* a;\n b */ WITH x AS (SELECT 1) SELECT * FROM x;", 2],
    ["(SELECT 1) UNION (SELECT 2)", 1],
    ["SELECT 'INSERT INTO t; it''s // -- /*', `delete`, \"a\" FROM t", 1],
    ["SELECT 1 -- INSERT 'it is\n, /* DROP TABLE t; */ 2", 1],
    ["SELECT last_update, created, TRUNCATE(a, 2) FROM t", 1],
    ["SELECT 'https://a.b' AS url", 1],
  ])("is read: %j", (text, line) => {
    expect(read(text)).toMatchObject({ line });
  });

  it("comes as it is written, and without comments, literals and quotes of names", () => {
    const { sql, bare } = read("-- x\nSELECT 'a' AS `b`, -- gold.c\n 2;") as { sql: string; bare: string };
    expect(sql).toBe("SELECT 'a' AS `b`, -- gold.c\n 2");
    expect(bare).toMatch(/SELECT +AS b, +\n 2/);
  });

  it.each([
    ["", "1: has no statement"],
    [" ;\n-- nothing\n", "1: has no statement"],
    ["SELECT 1;\nSELECT 2", "2: has a second statement"],
    ["SELECT 1;\n\nDROP TABLE t", "3: has a second statement"],
    ["\nINSERT INTO t SELECT 1", "2: begins with something else than SELECT or WITH"],
    ["VALUES (1)", "1: begins with something else"],
    ["SELECTED", "1: begins with something else"],
    ["EXPLAIN SELECT 1", "1: begins with something else"],
    ["WITH x AS (SELECT 1)\n/* it's */ INSERT INTO t SELECT * FROM x", "2: has the word INSERT"],
    ["SELECT 1\n FROM (DELETE FROM t)", "2: has the word DELETE"],
    ["SELECT 1 -- a\n// it's\n; DROP TABLE t; -- '", "2: has a comment of C++"],
    ["SELECT 'a", "1: has a ' that is not closed"],
    ["SELECT 1,\n `a", "2: has a ` that is not closed"],
    ["SELECT 1 /* a", "1: has a comment that is not closed"],
    ["SELECT 1\nFROM t /*+ OPTIONS('a'='b') */", "2: has a hint"],
  ])("is none: %j", (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });
});
