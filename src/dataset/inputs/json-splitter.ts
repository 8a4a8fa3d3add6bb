import { JsonLines } from "./json-lines.js";
import { JsonValues, type Splitter } from "./json-values.js";

/**
 * @param format name of one of the JSON formats
 * @param where names the input in errors
 */
export const splitterOf = (format: string, where: string): Splitter =>
  format === "jsonl" ? new JsonLines(where) : new JsonValues(where);
