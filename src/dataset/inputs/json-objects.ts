import { jsonBytes } from "./json-bytes.js";

const { openBrace, closeBrace, openBracket, closeBracket, quote, backslash, comma } = jsonBytes;
const carriageReturn = 0x0d;
const newline = 0x0a;

/**
 * The records of a line that is no JSON by itself: of its objects, and of parts that end with a carriage return, as lines do on
 * old systems.
 *
 * @returns undefined when it is one record, whatever is wrong with it
 */
export function recordsWithin(line: Buffer): readonly Buffer[] | undefined {
  const objects = objectsOf(line);
  if (objects !== undefined || !line.includes(carriageReturn) || line.includes(newline)) return objects;
  const parts = partsOf(line).map((part) => ({ part, objects: objectsOf(part) }));
  return parts.some(({ objects }) => objects !== undefined)
    ? parts.flatMap(({ part, objects }) => objects ?? [part])
    : undefined;
}

function partsOf(line: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start <= line.length; ) {
    const found = line.indexOf(carriageReturn, start);
    const end = found < 0 ? line.length : found;
    const part = line.subarray(start, end);
    if (part.toString("latin1").trim() !== "") parts.push(part);
    start = end + 1;
  }
  return parts;
}

/**
 * The JSON objects of a line that is no JSON by itself: several objects, one after the other, with blanks, carriage returns or
 * a comma between them (or none of these), and perhaps a comma behind the last one.
 *
 * @returns undefined when the line holds anything else: then it is one record, whatever is wrong with it
 */
function objectsOf(line: Buffer): readonly Buffer[] | undefined {
  const objects: Buffer[] = [];
  let at = 0;
  for (;;) {
    at = behindSeparator(line, at, objects.length > 0);
    if (at === line.length) return objects.length > 0 ? objects : undefined;
    if (line[at] !== openBrace) return undefined;
    const end = endOf(line, at);
    const object = line.subarray(at, end);
    if (!parses(object)) return undefined;
    objects.push(object);
    at = end;
  }
}

function behindSeparator(line: Buffer, from: number, mayHaveComma: boolean): number {
  let isComma = !mayHaveComma;
  let at = from;
  for (; at < line.length; at++) {
    const byte = line[at] as number;
    if (byte === comma && !isComma) isComma = true;
    else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) break;
  }
  return at;
}

/** Behind the bracket that closes the one at `from`; the line's end when none does. */
function endOf(line: Buffer, from: number): number {
  let depth = 0;
  let inText = false;
  for (let at = from; at < line.length; at++) {
    const byte = line[at];
    if (inText) {
      if (byte === backslash) at++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === openBrace || byte === openBracket) depth++;
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at + 1;
  }
  return line.length;
}

/** Latin1 is enough: bytes above 0x7f are allowed only within strings, as in UTF-8. */
function parses(object: Buffer): boolean {
  try {
    JSON.parse(object.toString("latin1"));
    return true;
  } catch {
    return false;
  }
}
