import type { SourceRecord } from "../types.js";

/** Counts what is only known once the records have been handed out. */
export interface Tally {
  /** Records that are sent as they are because they are no row, or no JSON object. */
  unreadable: number;
}

/** Records in a chunk: enough that the cost of a chunk does not matter, few enough for one Kafka request. */
export const chunkSize = 1000;

/** Groups records. What one piece of input holds is handed out at once, so a slow stdin is not held back. */
export function* chunkRecords(records: Iterable<SourceRecord>): Generator<readonly SourceRecord[]> {
  let chunk: SourceRecord[] = [];
  for (const record of records) {
    chunk.push(record);
    if (chunk.length === chunkSize) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
