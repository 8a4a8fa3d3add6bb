import { messageOf, usage } from "../../core/errors.js";
import type { Dataset, SourceRecord } from "../types.js";
import { unpacked } from "./bytes.js";
import { csvRecords } from "./csv.js";
import { spellings } from "./fields.js";
import type { Packing, TextFormat, TextKind } from "./format.js";
import { JsonLines } from "./json-lines.js";
import { JsonValues, type Splitter } from "./json-values.js";
import { jsonRecords } from "./jsonl.js";
import type { Tally } from "./tally.js";

export type Records = AsyncGenerator<readonly SourceRecord[]>;

/** One input that was checked and can be read once. */
export interface Source {
  /** How errors call it: the path, or `stdin`. */
  readonly where: string;
  /** Size in bytes as it lies on disk; undefined when it is not known. */
  readonly bytes: number | undefined;
  /** @param onBytes called with the number of further bytes consumed */
  records(tally: Tally, onBytes: (bytes: number) => void): Records;
}

/** Reads CSV or JSON, plain or packed. */
export function textRecords(
  dataset: Dataset,
  where: string,
  format: TextFormat,
  bytes: AsyncIterable<Buffer>,
  tally: Tally,
): Records {
  const text = unpacked(bytes, format.packing);
  return format.kind === "csv"
    ? csvRecords(dataset, where, text, tally)
    : jsonRecords(dataset, jsonSplitter(format.kind, where), text, tally);
}

/** @param where names the input in errors */
export const jsonSplitter = (kind: Exclude<TextKind, "csv">, where: string): Splitter =>
  kind === "jsonl" ? new JsonLines(where) : new JsonValues(where);

export const noRecords = (where: string) =>
  usage("input_empty", `${where} has no records`, { hint: "Nothing was sent." });

export const damaged = (where: string, packing: Packing, cause: unknown) =>
  usage(
    "input_corrupt",
    `${where} is damaged: its ${packing} data cannot be unpacked (${messageOf(cause)})`,
    {
      hint: `Check it with: ${packing} -t FILE. Fetch it again. Nothing was sent.`,
      cause,
    },
  );

/**
 * A file of JSON objects of which none has a column of the dataset is the wrong file, not a file of dead letters.
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
