import type { Dataset } from "../types.js";
import { fileBytes } from "./bytes.js";
import { spellings } from "./fields.js";
import { formatName, type TextFormat } from "./format.js";
import { identify, wrongFormat } from "./identify.js";
import { openParquet } from "./parquet.js";
import { checkFirstObjects, noRecords, type Source, textRecords } from "./source.js";

const ignore = () => {};

/**
 * Checks a file: it is there, it is what its name says, it is whole (a packed one is unpacked to its end), it has the
 * columns of the dataset and at least one record.
 *
 * @throws usage errors `input_missing`, `input_empty`, `input_format`, `input_corrupt`, `input_columns`
 */
export async function checkFile(dataset: Dataset, path: string): Promise<Source> {
  const { kind, packing, bytes } = await identify(path, true);
  if (kind === "parquet") return parquetSource(dataset, path, bytes);
  const format = { kind, packing };
  await checkText(dataset, path, format);
  return {
    where: path,
    bytes,
    records: (tally, onBytes) => textRecords(dataset, path, format, fileBytes(path, onBytes), tally),
  };
}

/** Header and first record, with the reader that will read the rest. */
async function checkText(dataset: Dataset, path: string, format: TextFormat): Promise<void> {
  const records = textRecords(dataset, path, format, fileBytes(path, ignore), { unreadable: 0 });
  const first = await records.next();
  await records.return(undefined);
  if (first.done) throw noRecords(path);
  if (format.kind === "csv") return;
  const line = first.value[0]?.value?.toString("utf8") ?? "";
  const known = spellings(dataset);
  if (
    !line.startsWith("{") &&
    line.split(/[,;\t]/).some((cell) => known.has(cell.trim().replace(/^"|"$/g, "")))
  ) {
    throw wrongFormat(path, formatName.csv, "Give it the ending .csv.");
  }
  checkFirstObjects(dataset, path, first.value);
}

async function parquetSource(dataset: Dataset, path: string, bytes: number): Promise<Source> {
  const file = await openParquet(dataset, path);
  if (file.rows === 0) throw noRecords(path);
  return {
    where: path,
    bytes,
    records(_tally, onBytes) {
      // Columns of one row lie far apart in the file, so progress goes by rows.
      let told = 0;
      return file.records((rows) => {
        const reached = Math.round((rows / file.rows) * bytes);
        onBytes(reached - told);
        told = reached;
      });
    },
  };
}
