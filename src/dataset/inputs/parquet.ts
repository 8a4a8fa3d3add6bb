import { type FileHandle, open } from "node:fs/promises";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaElement,
  type SchemaTree,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { messageOf, usage } from "../../core/errors.js";
import type { Dataset, SourceRecord } from "../types.js";
import { resolveFields } from "./fields.js";
import { nestedPart, valueToken, withoutConversion } from "./parquet-values.js";
import { rowEncoder } from "./row-encoder.js";
import { chunkRecords } from "./tally.js";

/**
 * Number of rows decoded at a time. TLC's row groups have a million rows of 20 columns, which are several hundred megabytes of
 * JavaScript values. Pages before the slice are skipped without decompression.
 */
const sliceRows = 65_536;

export interface ParquetFile {
  readonly rows: number;
  /** @param onRows called with the number of rows read so far */
  records(onRows: (rows: number) => void): AsyncGenerator<readonly SourceRecord[]>;
}

/**
 * Opens a Parquet file, and checks its footer, its columns and that its first row can be decoded.
 *
 * @throws usage error `input_corrupt` or `input_columns`
 */
export async function openParquet(dataset: Dataset, path: string): Promise<ParquetFile> {
  const table = await openTable(path);
  const names = table.columns.map(({ element }) => element.name);
  const fields = resolveFields(dataset, names, path);
  const encoder = rowEncoder(dataset, fields);
  const tokens = table.columns.map((column, index) => valueToken(column, fields[index]?.column?.parsedType));
  return {
    rows: table.rows,
    async *records(onRows) {
      for await (const { rows, end } of table.slices()) {
        const records = function* () {
          for (const row of rows) yield encoder.encode(tokens.map((token, index) => token(row[index])));
        };
        yield* chunkRecords(records());
        onRows(end);
      }
    },
  };
}

/** A Parquet file, independent of a dataset. */
export interface ParquetTable {
  readonly rows: number;
  readonly columns: readonly SchemaTree[];
  /** Decoded values by row, with the number of rows read so far. */
  slices(): AsyncGenerator<{ readonly rows: readonly (readonly unknown[])[]; readonly end: number }>;
}

/** @throws usage error `input_corrupt` when the footer or the first row cannot be read */
export async function openTable(path: string): Promise<ParquetTable> {
  const handle = await open(path);
  try {
    const file = await asyncBuffer(handle);
    const metadata = await parquetMetadataAsync(file, { geoparquet: false });
    const { children: columns } = parquetSchema(metadata);
    const names = columns.map(({ element }) => element.name);
    const keys = new Set(columns.flatMap(mapKeys));
    const schema = metadata.schema.map((element) =>
      keys.has(element) ? element : withoutConversion(element),
    );
    const physical = { ...metadata, schema };
    const rows = Number(metadata.num_rows);
    if (rows > 0) await readRows(file, physical, names, 0, 1);
    return { rows, columns, slices: () => slicesOf(path, physical, names) };
  } catch (error) {
    if (error instanceof Error && error.name === "PipectlError") throw error;
    throw usage("input_corrupt", `${path} cannot be read as Parquet: ${messageOf(error)}`, {
      hint: "It may be cut off: Parquet keeps its index at the end. Fetch it again. Nothing was sent.",
      cause: error,
    });
  } finally {
    await handle.close();
  }
}

/** Map keys: hyparquet uses them as keys of objects, so they must be text already. */
function mapKeys(node: SchemaTree): SchemaElement[] {
  const key = nestedPart(node)?.kind === "map" ? node.children[0]?.children[0] : undefined;
  return [...(key ? [key.element] : []), ...node.children.flatMap(mapKeys)];
}

async function* slicesOf(
  path: string,
  physical: FileMetaData,
  names: readonly string[],
): ReturnType<ParquetTable["slices"]> {
  const handle = await open(path);
  try {
    const file = await asyncBuffer(handle);
    let groupStart = 0;
    for (const group of physical.row_groups) {
      const groupEnd = groupStart + Number(group.num_rows);
      // A slice never spans two row groups, so that only one is in memory.
      for (let start = groupStart; start < groupEnd; start += sliceRows) {
        const end = Math.min(start + sliceRows, groupEnd);
        yield { rows: await readRows(file, physical, names, start, end), end };
      }
      groupStart = groupEnd;
    }
  } finally {
    await handle.close();
  }
}

function readRows(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  rowStart: number,
  rowEnd: number,
): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    parquetRead({
      file,
      metadata,
      columns: [...columns],
      rowStart,
      rowEnd,
      compressors,
      utf8: false,
      useOffsetIndex: true,
      // INT96 has no annotation to remove; its nanoseconds are kept unchanged.
      parsers: { timestampFromNanoseconds: (nanoseconds) => nanoseconds },
      rowFormat: "array",
      onComplete: resolve,
    }).catch(reject);
  });
}

/** hyparquet's own version reopens the file for each column chunk. This one uses the given handle. */
async function asyncBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const buffer = new ArrayBuffer(end - start);
      const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, end - start, start);
      if (bytesRead !== end - start) throw new Error(`it ends at byte ${start + bytesRead}`);
      return buffer;
    },
  };
}
