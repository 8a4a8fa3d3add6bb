/** The position of a top-level field in the text of a JSON object: the key with its quotes, and the value. */
export interface JsonField {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * Finds the top-level fields of a JSON object without parsing values, so that a field can be renamed while every other byte
 * stays: numbers keep their digits, and duplicate fields stay duplicates.
 *
 * @param text a JSON object that JSON.parse accepts
 */
export function topLevelFields(text: string): JsonField[] {
  const fields: JsonField[] = [];
  let at = text.indexOf("{") + 1;
  for (;;) {
    const keyStart = text.indexOf('"', at);
    if (keyStart < 0) return fields;
    const keyEnd = stringEnd(text, keyStart);
    const valueStart = skipSpace(text, text.indexOf(":", keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    fields.push({ keyStart, keyEnd, valueStart, valueEnd });
    at = skipSpace(text, valueEnd);
    if (text[at] !== ",") return fields;
    at++;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** @returns the position after the closing quote */
function stringEnd(text: string, open: number): number {
  let at = text.indexOf('"', open + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === backslash) slashes++;
  return slashes % 2 === 1;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return stringEnd(text, start);
  if (first !== 0x7b && first !== 0x5b) {
    let at = start;
    // A number or a word ends at a comma, a brace or whitespace.
    for (let code = first; code !== 0x2c && code !== 0x7d && code > 0x20; code = text.charCodeAt(at)) at++;
    return at;
  }
  let depth = 0;
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at) - 1;
    else if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return at + 1;
  }
}
