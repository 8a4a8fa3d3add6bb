import { JsonValues } from "../inputs/json-values.js";

/** How JSON is laid out, by its beginning; undefined for what is no JSON. */
export function layoutOf(text: string): "lines" | "values" | undefined {
  if (!looksLikeJson(text)) return undefined;
  return isOneALine(text) ? "lines" : "values";
}

export const looksLikeJson = (text: string) => text.startsWith("{") || text.startsWith("[");

/** Whether its first line is a value by itself. One that is broken is a dead letter, unless the value goes on behind it. */
function isOneALine(text: string): boolean {
  const end = text.indexOf("\n");
  const line = (end < 0 ? text : text.slice(0, end)).trimEnd();
  const more = end < 0 ? "" : text.slice(end).trimStart();
  if (line.startsWith("[") && parses(line)) {
    // An array of objects is meant as those. Another one may be a broken first line.
    const elements = JSON.parse(line) as unknown[];
    return looksLikeJson(more) && !elements.some((element) => typeof element === "object");
  }
  if (parses(line)) return true;
  if (line.startsWith("[")) return false;
  const [first] = new JsonValues("").push(Buffer.from(text));
  if (first !== undefined) return !first.includes("\n") || !parses(first.toString());
  return end < 0 || (line !== "{" && !(text.length >= longHead && /[{[,:]$/.test(line)));
}

/** From so many characters on, a value that does not end within them may be longer than what was looked at. */
const longHead = 2000;

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
