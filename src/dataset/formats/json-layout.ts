import { JsonValues } from "../inputs/json-values.js";

/** The layout of JSON, by its beginning; undefined when the text is not JSON. */
export function layoutOf(text: string): "lines" | "values" | undefined {
  if (!looksLikeJson(text)) return undefined;
  return isOneALine(text) ? "lines" : "values";
}

export const looksLikeJson = (text: string) => text.startsWith("{") || text.startsWith("[");

/** True when the first line is a complete value. A broken first line is a dead letter, unless the value continues after it. */
function isOneALine(text: string): boolean {
  const newline = text.includes("\n") ? "\n" : "\r";
  const end = text.indexOf(newline);
  const line = (end < 0 ? text : text.slice(0, end)).trimEnd();
  const more = end < 0 ? "" : text.slice(end).trimStart();
  if (line.startsWith("[") && parses(line)) {
    // An array of objects holds records. Any other array may be a broken first line.
    const elements = JSON.parse(line) as unknown[];
    return looksLikeJson(more) && !elements.some((element) => typeof element === "object");
  }
  if (parses(line)) return true;
  if (line.startsWith("[")) return false;
  const [first] = new JsonValues("").push(Buffer.from(text));
  if (first !== undefined) {
    const isObject = parses(first.toString());
    // Without line ends, objects that follow each other can be of any number.
    const rest = text.slice(first.toString().length).replace(/^[\s,]+/, "");
    if (end < 0 && isObject && rest.startsWith("{")) return false;
    return !first.includes(newline) || !isObject;
  }
  return end < 0 || (line !== "{" && !(text.length >= longHead && /[{[,:]$/.test(line)));
}

/** If a value does not end within this many characters, it may be longer than the text that was looked at. */
const longHead = 2000;

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
