import { expect, it } from "vitest";
import { literal } from "../../../src/core/sql-quotes.js";
import { splitStatements } from "../../../src/sql/statements.js";

it.each(["", "plain", "it's", "'", "''", "\\'", "'); DROP TABLE t; --", "a\nb", "日本 🚕"])(
  "%j stays within its quotes",
  (text) => {
    const sql = `SELECT ${literal(text)}`;
    expect(splitStatements("query", `${sql}; SELECT 2`).map((one) => one.sql)).toEqual([sql, "SELECT 2"]);
    expect(literal(text).slice(1, -1).replaceAll("''", "'")).toBe(text);
  },
);
