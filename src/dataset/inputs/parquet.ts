import { open } from "node:fs/promises";
import { messageOf, PipectlError, usage } from "../../core/errors.js";
import { type Footer, readFooter } from "../parquet/footer.js";
import { NotSupported } from "../parquet/not-supported.js";
import { DamagedAfter, type Rows, rowsOf } from "../parquet/rows.js";
import type { Leaf, Node } from "../parquet/tree.js";
import type { Dataset, SourceRecord } from "../types.js";
import { resolveFields } from "./fields.js";
import { valueToken } from "./parquet-values.js";
import { rowEncoder } from "./row-encoder.js";
import { chunkRecords } from "./tally.js";

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
  const names = table.columns.map(({ name }) => name);
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
  readonly columns: readonly Node[];
  /** All leaf columns, nested ones too. */
  readonly leaves: readonly Leaf[];
  /** Something odd about the file that is no error, as a sentence without its end. */
  readonly oddity: string | undefined;
  /**
   * Decoded values by row, with the number of rows read so far.
   *
   * @throws behind the rows in front of a damaged place (`unreadable` says it to a person)
   */
  slices(): AsyncGenerator<{ readonly rows: Rows; readonly end: number }>;
}

/** @throws usage error `input_corrupt` when the footer or the first row cannot be read, `input_format` when it is not supported, `input_columns` when it has none */
export async function openTable(path: string): Promise<ParquetTable> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const footer = await readFooter(handle.fd, size);
    if (footer.columns.length === 0) throw usage("input_columns", `${path} has no columns`);
    for await (const _ of rowsOf(handle.fd, size, footer)) break;
    return { ...footer, slices: () => slicesOf(path, footer) };
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await handle.close();
  }
}

async function* slicesOf(path: string, footer: Footer): ReturnType<ParquetTable["slices"]> {
  const handle = await open(path);
  try {
    yield* rowsOf(handle.fd, (await handle.stat()).size, footer);
  } finally {
    await handle.close();
  }
}

/** What is wrong with a file, for a person. */
export function unreadable(path: string, error: unknown): PipectlError {
  if (error instanceof PipectlError) return error;
  const hasCause = (one: unknown): boolean =>
    one instanceof NotSupported || (one instanceof Error && hasCause(one.cause));
  if (hasCause(error)) {
    const hint = "Convert it, for example with PyArrow. Nothing was sent.";
    return usage("input_format", `${path} is Parquet that pipectl does not read: ${messageOf(error)}`, {
      hint,
      cause: error,
    });
  }
  const behind = error instanceof DamagedAfter && error.rows > 0;
  return behind
    ? usage("input_corrupt", `${path} is damaged behind record ${error.rows}: ${messageOf(error)}`, {
        hint: "Fetch it again. Nothing was sent.",
        cause: error,
      })
    : usage("input_corrupt", `${path} cannot be read as Parquet: ${messageOf(error)}`, {
        hint: "It may be cut off: Parquet keeps its index at the end. Fetch it again. Nothing was sent.",
        cause: error,
      });
}
