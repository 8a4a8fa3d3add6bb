/** One statement of a rendered file, ready for a SQL session. */
export interface Statement {
  readonly sql: string;
  readonly file: string;
  /** The line of the file on which the statement begins, from 1. */
  readonly line: number;
}

/**
 * Cuts a file into statements. A semicolon ends a statement, except in a literal, a quoted identifier, a comment, or between BEGIN and
 * END of a statement set. Comments before a statement are left out.
 */
export function splitStatements(file: string, text: string): Statement[] {
  const statements: Statement[] = [];
  const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|`(?:[^`]|``)*`|;|\b[A-Za-z_]+\b|\s+|[\s\S]/g;
  let start = -1;
  let words: string[] = [];
  let inSet = false;
  let previous = "";
  for (const match of text.matchAll(token)) {
    const [part] = match;
    const isComment = part.startsWith("--") || (part.startsWith("/*") && !part.startsWith("/*+"));
    if (start < 0 && (isComment || /^[\s;]/.test(part))) continue;
    if (start < 0) start = match.index;
    if (/^[A-Za-z_]/.test(part)) {
      words.push(part.toUpperCase());
      if (words.join(" ") === "EXECUTE STATEMENT SET BEGIN") inSet = true;
      // The END of a CASE never follows a semicolon; the one of a statement set always does.
      if (words.at(-1) === "END" && previous === ";") inSet = false;
      // Only the first words and END matter, so the others are not kept.
      if (words.length > 4) words = words.slice(0, 4);
    }
    if (!isComment && part.trim() !== "") previous = part;
    if (part === ";" && !inSet) {
      statements.push({ sql: text.slice(start, match.index).trimEnd(), file, line: lineAt(text, start) });
      start = -1;
      words = [];
    }
  }
  if (start >= 0) statements.push({ sql: text.slice(start).trimEnd(), file, line: lineAt(text, start) });
  return statements;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
