import { usage } from "../../core/errors.js";
import { csvFormat } from "../formats/csv-format.js";
import type { Dataset, SourceRecord } from "../types.js";
import { spellings } from "./fields.js";
import { wrongFormat } from "./source.js";

/** The first line of a file that is named as JSON must not be a CSV header, because all rows would be dead letters. */
export function checkNoHeader(dataset: Dataset, path: string, records: readonly SourceRecord[]): void {
  const line = records[0]?.value?.toString("utf8") ?? "";
  const known = spellings(dataset);
  const names = line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"|"$/g, ""));
  if (line.startsWith("{") || !names.some((name) => known.has(name))) return;
  throw wrongFormat(path, csvFormat.called, `Give it the ending .${csvFormat.name}.`);
}

/**
 * If no object of a file has a column of the dataset, it is the wrong file, not a file of dead letters.
 *
 * @param records the first records of the input
 */
export function checkFirstObjects(dataset: Dataset, where: string, records: readonly SourceRecord[]): void {
  const known = spellings(dataset);
  let names: string[] = [];
  for (const { value } of records) {
    const keys = objectKeys(value?.toString("utf8") ?? "");
    if (keys.some((key) => known.has(key))) return;
    if (names.length === 0) names = keys;
  }
  if (names.length === 0) return;
  const shown = names.slice(0, 8).join(", ");
  throw usage(
    "input_columns",
    `${where}: its objects have none of the columns of ${dataset.name}, but ${shown}`,
    {
      hint: `The columns and their aliases are in ${dataset.path}. Nothing was sent.`,
    },
  );
}

function objectKeys(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}
