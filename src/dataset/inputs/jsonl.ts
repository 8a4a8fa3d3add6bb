import { isUtf8 } from "node:buffer";
import { columnNamed } from "../manifest.js";
import type { Dataset, SourceRecord } from "../types.js";
import { spellings } from "./fields.js";
import { topLevelFields } from "./json-fields.js";
import { recordsWithin } from "./json-objects.js";
import type { Splitter } from "./json-values.js";
import { fromText, messageKey, toBytes } from "./row-encoder.js";
import { chunkRecords, type Tally } from "./tally.js";

/**
 * Reads JSON, one object per record, as `splitter` returns them. A record is sent byte for byte; only top-level field names
 * that are an alias are replaced. Several objects on one line are as many records. Anything else that is not a JSON object is
 * counted in the tally, and becomes a dead letter.
 */
export async function* jsonRecords(
  dataset: Dataset,
  splitter: Splitter,
  chunks: AsyncIterable<Buffer>,
  tally: Tally,
): AsyncGenerator<readonly SourceRecord[]> {
  const toRecord = lineEncoder(dataset);
  const records = function* (found: Iterable<Buffer>): Generator<SourceRecord> {
    for (const bytes of found) {
      const record = toRecord(bytes);
      if (record !== undefined) {
        yield record;
        continue;
      }
      for (const part of recordsWithin(bytes) ?? [bytes]) {
        const one = toRecord(part);
        if (one === undefined) tally.unreadable++;
        yield one ?? { key: null, value: part };
      }
    }
  };
  for await (const chunk of chunks) yield* chunkRecords(records(splitter.push(chunk)));
  yield* chunkRecords(records(splitter.end()));
}

/** Makes a function that turns a line into a record; undefined when it is no JSON object. */
function lineEncoder(dataset: Dataset): (line: Buffer) => SourceRecord | undefined {
  const names = new Map<string, string>();
  for (const [spelling, column] of spellings(dataset)) names.set(fromText(spelling), fromText(column.source));
  const keyNames = dataset.messageKey.map((name) => fromText(columnNamed(dataset, name).source));
  return (line) => {
    const text = line.toString("latin1");
    if (!isJsonObject(text) || !isUtf8(line)) return undefined;
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

/** Latin1 is enough for the check: bytes above 0x7f are allowed only within strings, as in UTF-8. */
function isJsonObject(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
