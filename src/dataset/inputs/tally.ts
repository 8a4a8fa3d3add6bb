import type { SourceRecord } from "../types.js";

/** Counts that are only known after the records were passed on. */
export interface Tally {
  /** Records that are not a row or not a JSON object, and are sent unchanged. */
  unreadable: number;
}

/** Records per chunk: enough that the cost per chunk does not matter, few enough for one Kafka request. */
export const chunkSize = 1000;

/**
 * Groups records into chunks. The records of one piece of input are returned at once, so that a slow stdin does not hold them
 * back.
 */
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
