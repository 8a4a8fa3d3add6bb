import { isUtf8 } from "node:buffer";
import { usage } from "../../core/errors.js";
import { columnNamed } from "../manifest.js";
import type { Dataset, SourceRecord } from "../types.js";
import { spellings } from "./fields.js";
import { topLevelFields } from "./json-fields.js";
import { fromText, messageKey, toBytes } from "./row-encoder.js";
import { chunkRecords, type Tally } from "./tally.js";

/** A line longer than this is no record; reading it to its end could fill the memory. */
const maxLineBytes = 64 * 1024 * 1024;
const newline = 0x0a;

/**
 * Reads JSON lines. A line is handed out byte for byte, whatever it holds; only top-level field names that are an
 * alias are replaced. Lines that are no JSON object are counted in the tally and become dead letters. Lines with
 * nothing but white space are no records, and a line end (LF or CRLF) and a byte order mark belong to the file.
 *
 * @param where names the input in errors
 */
export async function* jsonlRecords(
  dataset: Dataset,
  where: string,
  chunks: AsyncIterable<Buffer>,
  tally: Tally,
): AsyncGenerator<readonly SourceRecord[]> {
  const toRecord = lineEncoder(dataset, tally);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let isFirst = true;
  const records = function* (lines: Buffer): Generator<SourceRecord> {
    for (let start = 0; start < lines.length; ) {
      const found = lines.indexOf(newline, start);
      const end = found < 0 ? lines.length : found;
      const line = trimmed(lines.subarray(start, end), isFirst);
      isFirst = false;
      start = end + 1;
      if (!isBlank(line)) yield toRecord(line);
    }
  };
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(newline);
    waiting.push(last < 0 ? chunk : chunk.subarray(0, last + 1));
    waitingBytes += chunk.length;
    if (last >= 0) {
      yield* chunkRecords(records(waiting.length === 1 ? (waiting[0] ?? chunk) : Buffer.concat(waiting)));
      waiting = [chunk.subarray(last + 1)];
      waitingBytes = chunk.length - last - 1;
    } else if (waitingBytes > maxLineBytes) {
      throw usage("input_format", `${where} has a line of more than ${maxLineBytes / 1024 / 1024} MiB`);
    }
  }
  yield* chunkRecords(records(Buffer.concat(waiting)));
}

/** Turns one line into a record. */
function lineEncoder(dataset: Dataset, tally: Tally): (line: Buffer) => SourceRecord {
  const names = new Map<string, string>();
  for (const [spelling, column] of spellings(dataset)) names.set(fromText(spelling), fromText(column.source));
  const keyNames = dataset.messageKey.map((name) => fromText(columnNamed(dataset, name).source));
  return (line) => {
    const text = line.toString("latin1");
    if (!isJsonObject(text) || !isUtf8(line)) {
      tally.unreadable++;
      return { key: null, value: line };
    }
    const values = new Map<string, string>();
    let renamed = "";
    let copied = 0;
    for (const field of topLevelFields(text)) {
      const key = fieldName(text.slice(field.keyStart, field.keyEnd));
      const name = names.get(key);
      if (name !== undefined && name !== key) {
        renamed += `${text.slice(copied, field.keyStart)}${JSON.stringify(name)}`;
        copied = field.keyEnd;
      }
      if (name !== undefined && keyNames.includes(name)) {
        values.set(name, text.slice(field.valueStart, field.valueEnd));
      }
    }
    const key = messageKey(keyNames.map((name) => values.get(name)));
    return { key, value: copied === 0 ? line : toBytes(renamed + text.slice(copied)) };
  };
}

/** The name in a key token, as latin1. */
function fieldName(token: string): string {
  return token.includes("\\")
    ? fromText(String(JSON.parse(toBytes(token).toString("utf8"))))
    : token.slice(1, -1);
}

/** Latin1 does for the check: every byte above 0x7f is allowed within a string and nowhere else, as in UTF-8. */
function isJsonObject(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function trimmed(line: Buffer, isFirst: boolean): Buffer {
  const hasMark = isFirst && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
  return line.subarray(hasMark ? 3 : 0, end);
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}
