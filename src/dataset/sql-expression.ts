/**
 * Checks that a text can only be one SQL expression over a row: it cannot end the statement, start a comment that swallows what follows,
 * close a parenthesis it did not open, or query another table. Whether the expression is correct is for Flink to decide.
 *
 * @returns what is wrong, or undefined
 */
export function expressionProblem(sql: string): string | undefined {
  if (sql.trim() === "") return "is empty";
  // Quoted text may contain anything, so only the rest is checked. A word next to a quote stays a separate word.
  const bare = sql.replace(/'(?:[^']|'')*'|`(?:[^`]|``)*`/g, " x ");
  if (/['`]/.test(bare)) return "has a quote that is not closed";
  if (bare.includes('"')) return "has a '\"': texts stand in ' and names in `";
  if (bare.includes(";")) return "has a ';': it must be one expression";
  // Flink also has C++ comments.
  if (/--|\/\*|\*\/|\/\//.test(bare)) return "has a SQL comment";
  // Every query contains one of these, however it begins.
  const query = /\b(SELECT|VALUES|TABLE)\b/i.exec(bare)?.[1];
  if (query !== undefined)
    return `has the word ${query.toUpperCase()}: a subquery is none; a column of that name stands in \``;
  let depth = 0;
  for (const character of bare) {
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0)
      return "has a ',' outside parentheses: it must be one expression";
    if (depth < 0) return "closes a parenthesis that it did not open";
  }
  return depth === 0 ? undefined : "has a parenthesis that is not closed";
}
