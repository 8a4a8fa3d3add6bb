/** A call of a function in an SQL expression. */
export interface Call {
  readonly name: string;
  /** What stands between the parentheses. */
  readonly inside: string;
}

/** A CAST. One of a value that does not fit ends the job, and Flink's error does not say which. */
export interface Cast {
  readonly argument: string;
  readonly type: string;
}

/** Literals and quoted names stay; the rest is cut into words, parentheses and single characters. */
const token = /'(?:[^']|'')*'|`(?:[^`]|``)*`|\w+|[\s\S]/g;

/** The calls of one of these functions, also within the arguments of others. Pure. */
export function callsOf(expression: string, names: readonly string[]): Call[] {
  const tokens = [...expression.matchAll(token)];
  return tokens.flatMap(({ 0: word, index }, i) => {
    const open = tokens.findIndex(({ 0: text }, at) => at > i && text.trim() !== "");
    if (!names.includes(word.toUpperCase()) || tokens[open]?.[0] !== "(") return [];
    const close = closing(tokens, open);
    if (close === undefined) return [];
    return [
      { name: word.toUpperCase(), inside: expression.slice((tokens[open]?.index ?? index) + 1, close) },
    ];
  });
}

function closing(tokens: readonly RegExpExecArray[], open: number): number | undefined {
  let depth = 0;
  for (const { 0: text, index } of tokens.slice(open)) {
    if (text === "(") depth++;
    if (text === ")") depth--;
    if (depth === 0) return index;
  }
  return undefined;
}

/** Every CAST of an expression; TRY_CAST is none, because it gives NULL. Pure. */
export function castsOf(expression: string): Cast[] {
  return callsOf(expression, ["CAST"]).flatMap(({ inside }) => {
    let depth = 0;
    let as: number | undefined;
    for (const { 0: text, index } of inside.matchAll(token)) {
      if (text === "(" || text === "<") depth++;
      if (text === ")" || text === ">") depth--;
      if (depth === 0 && text.toUpperCase() === "AS") as = index;
    }
    if (as === undefined) return [];
    return [{ argument: inside.slice(0, as).trim(), type: inside.slice(as + 2).trim() }];
  });
}

/** The expression with TRY_CAST for every CAST: it gives NULL where the other would end the job. Pure. */
export const tolerant = (expression: string): string =>
  expression.replace(token, (text) => (text.toUpperCase() === "CAST" ? "TRY_CAST" : text));

/** What a call gets, one by one. Pure. */
export function argumentsOf({ inside }: Call): string[] {
  const parts = [""];
  let depth = 0;
  for (const [text] of inside.matchAll(token)) {
    if (text === "(") depth++;
    if (text === ")") depth--;
    if (text === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += text;
  }
  return parts.map((part) => part.trim());
}
