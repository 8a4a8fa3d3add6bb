import { splitStatements } from "./statements.js";

/** The query of a file that holds only one. */
export interface Select {
  readonly sql: string;
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** Its words, without comments and literals; identifiers without their quotes. */
  readonly bare: string;
}

export interface SelectProblem {
  readonly line: number;
  readonly message: string;
}

/** Flink reserves all of them, so a column of such a name must be in backticks. */
const writing = /\b(INSERT|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER)\b/i;

const token = /--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\/\*|'(?:[^']|'')*'|`(?:[^`]|``)*`|[\s\S]/g;

/**
 * Reads a file that must hold exactly one query: one statement that begins with SELECT or WITH and only reads. Whether the query is
 * correct is for Flink to decide. Pure.
 */
export function readSelect(file: string, text: string): Select | SelectProblem {
  let words = "";
  let bare = "";
  for (const { 0: part, index } of text.matchAll(token)) {
    const line = text.slice(0, index).split("\n").length;
    if (part.startsWith("//")) return { line, message: "has a comment of C++ (//): write --" };
    if (part === "'" || part === "`") return { line, message: `has a ${part} that is not closed` };
    if (part.startsWith("/*+"))
      return { line, message: "has a hint (/*+ … */): its tables are read as of one snapshot" };
    if (part === "/*") return { line, message: "has a comment that is not closed" };
    const isComment = part.startsWith("--") || part.startsWith("/*");
    words += isComment || /^['`]./.test(part) ? blank(part) : part;
    bare += isComment || part.startsWith("'") ? " " : part.replaceAll("`", "");
  }
  const [statement, another] = splitStatements(file, text);
  if (statement === undefined) return { line: 1, message: "has no statement: it must be one SELECT" };
  if (another !== undefined)
    return { line: another.line, message: "has a second statement: it must be one SELECT" };
  const start = statement.line;
  if (!/^\(*\s*(SELECT|WITH)\b/i.test(statement.sql))
    return { line: start, message: "begins with something else than SELECT or WITH" };
  const found = writing.exec(words);
  if (found !== null) {
    const line = text.slice(0, found.index).split("\n").length;
    const word = (found[1] as string).toUpperCase();
    return { line, message: `has the word ${word}: a query only reads; a column of that name stands in \`` };
  }
  return { sql: statement.sql, line: start, bare };
}

/** Blanks a text but keeps its length and line ends, so that what follows keeps its line. */
const blank = (text: string) => text.replace(/[^\n]/g, " ");
