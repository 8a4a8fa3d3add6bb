import type { Dataset, SourceRecord } from "../types.js";
import { fileBytes, unpacked } from "./bytes.js";
import { identify } from "./identify.js";
import { noRecords, type Records, type Source } from "./source.js";
import { chunkSize, type Tally } from "./tally.js";

/**
 * Checks a file: it exists, it is what its name says, it is complete (a compressed file is decompressed to its end), and it
 * has the dataset's columns and at least one record.
 *
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`, `input_columns`
 */
export async function checkFile(dataset: Dataset, path: string): Promise<Source> {
  const { format, packing, bytes } = await identify(path, true);
  if (format.reads === "file") return await format.open(dataset, path, bytes);
  const records = (tally: Tally, onBytes: (bytes: number) => void) =>
    format.records(dataset, path, unpacked(fileBytes(path, onBytes), packing), tally);
  const first = await firstOf(records({ unreadable: 0 }, () => {}));
  if (first === undefined) throw noRecords(path);
  await format.checkFirst?.(dataset, { where: path, isFile: true }, first);
  return { where: path, bytes, records };
}

/** The first records, as many as one chunk may have; undefined when there are none. */
async function firstOf(records: Records) {
  const first: SourceRecord[] = [];
  for await (const chunk of records) {
    first.push(...chunk);
    if (first.length >= chunkSize) break;
  }
  return first.length === 0 ? undefined : first;
}
