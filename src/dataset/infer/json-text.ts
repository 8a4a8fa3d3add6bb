import { NumberScan } from "./scan-number.js";

const number = new NumberScan();

export const quote = 0x22;
export const backslash = 0x5c;
export const comma = 0x2c;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const colon = 0x3a;

/** The kind of a value without quotes or brackets. */
export type BareKind = "null" | "number" | "boolean";

/** Skips JSON's whitespace. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at++;
  }
}

/** The end of a number or a word: a comma, a bracket or whitespace. */
export function bareEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === comma || code === closeBracket || code === closeBrace) break;
    at++;
  }
  return at;
}

/** @returns undefined when it is neither a number nor one of the three words */
export function kindOfBare(text: string, start: number, end: number): BareKind | undefined {
  const word = text.slice(start, end);
  if (word === "null") return "null";
  if (word === "true" || word === "false") return "boolean";
  return number.scan(word) ? "number" : undefined;
}

/** The number of characters after the backslash; 0 when they are not a valid escape. */
export function escapeLength(text: string, at: number): number {
  const code = text[at] ?? "";
  if (code === "u") return /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5)) ? 5 : 0;
  return code !== "" && '"\\/bfnrt'.includes(code) ? 1 : 0;
}

/** Half a surrogate pair can only be sent as an escape: its bytes would not be valid UTF-8. */
export const hasHalfPair = (text: string) =>
  /\\u[dD][89a-fA-F]/.test(text) && /\p{Surrogate}/u.test(String(JSON.parse(`"${text}"`)));
