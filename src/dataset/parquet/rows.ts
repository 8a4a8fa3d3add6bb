import { setImmediate } from "node:timers/promises";
import { readNode } from "./assemble.js";
import { ByteWindow } from "./byte-window.js";
import { Cursor } from "./cursor.js";
import { chunkOf, type Footer, startOf } from "./footer.js";
import { Pages } from "./pages.js";

/** Rows that are handed on at a time. */
const sliceRows = 4096;

export type Rows = readonly (readonly unknown[])[];

/** An error behind some rows that could be read. */
export class DamagedAfter extends Error {
  constructor(
    readonly rows: number,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Reads all rows, row group by row group, page by page: a page of each column is in memory. Rows in front of a damaged place
 * come before the error.
 *
 * @param file descriptor
 * @param size of the file
 * @returns the values of rows (`readNode`), and how many rows have been read with them
 * @throws DamagedAfter
 */
export async function* rowsOf(
  file: number,
  size: number,
  { columns, leaves, groups }: Footer,
): AsyncGenerator<{ readonly rows: Rows; readonly end: number }> {
  let end = 0;
  let rows: unknown[][] = [];
  try {
    for (const group of groups) {
      const cursors = leaves.map((leaf) => {
        const chunk = chunkOf(group, leaf);
        const pages = new Pages({ leaf, chunk }, new ByteWindow(file, startOf(chunk), size));
        return new Cursor(leaf.path.join("."), pages, leaf.definedAt);
      });
      for (let left = Number(group.num_rows); left > 0; left--) {
        rows.push(columns.map((column) => readNode(column, cursors)));
        if (rows.length < sliceRows) continue;
        end += rows.length;
        yield { rows, end };
        rows = [];
        // Reading waits for nothing, and so would let nothing else in, such as Ctrl-C.
        await setImmediate();
      }
      const over = cursors.find(({ isDone }) => !isDone);
      if (over) throw new Error(`the column ${JSON.stringify(over.path)} has more values than rows`);
    }
  } catch (error) {
    const before = end + rows.length;
    if (rows.length > 0) yield { rows, end: before };
    throw new DamagedAfter(before, error);
  }
  if (rows.length > 0) yield { rows, end: end + rows.length };
}
