import { parse } from "lossless-json";

/**
 * Reads JSON without rounding: an integer beyond 2^53, as Iceberg's snapshot ids and SQL's BIGINTs are, comes as text,
 * every other number as a number. Undefined when the text is no JSON.
 */
export function parseExact(text: string): unknown {
  try {
    return parse(text, undefined, (digits) => {
      const n = Number(digits);
      return Number.isInteger(n) && !Number.isSafeInteger(n) && /^-?\d+$/.test(digits) ? digits : n;
    });
  } catch {
    return undefined;
  }
}
