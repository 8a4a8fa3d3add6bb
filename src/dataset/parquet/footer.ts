import {
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetSchema,
  type RowGroup,
} from "hyparquet";
import { messageOf } from "../../core/errors.js";
import { markDurations } from "./arrow-durations.js";
import { readRange } from "./byte-window.js";
import { NotSupported } from "./not-supported.js";
import { columnsOf, type Leaf, type Node } from "./tree.js";

/** What a file says about itself. */
export interface Footer {
  readonly rows: number;
  readonly columns: readonly Node[];
  /** All leaf columns, by their order in the file. */
  readonly leaves: readonly Leaf[];
  readonly groups: readonly RowGroup[];
  /** Something odd about the file that is no error, as a sentence without its end. */
  readonly oddity: string | undefined;
}

/**
 * @param file descriptor
 * @param size of the file
 * @throws when it is damaged, or contradicts itself
 */
export async function readFooter(file: number, size: number): Promise<Footer> {
  const buffer = {
    byteLength: size,
    slice: (start: number, end = size) => readRange(file, start, end),
  };
  const { metadata, columns, leaves } = await parquetMetadataAsync(buffer, { geoparquet: false })
    .then((metadata) => ({ metadata, ...columnsOf(parquetSchema(metadata)) }))
    .catch((cause: unknown) => {
      // Most of hyparquet's own messages are those of JavaScript.
      throw new Error(`its index at the end is damaged or missing (${messageOf(cause)})`, { cause });
    });
  markDurations(columns, metadata.key_value_metadata?.find(({ key }) => key === "ARROW:schema")?.value);
  const rows = rowsOf(metadata);
  const isUncounted = rows > 0 && metadata.num_rows === 0n;
  return {
    rows,
    oddity: isUncounted
      ? `its footer counts no rows, but its row groups have ${rows}, which were read`
      : undefined,
    columns,
    leaves,
    groups: metadata.row_groups,
  };
}

function rowsOf({ num_rows: total, row_groups: groups }: FileMetaData): number {
  const counts = groups.map(({ num_rows: rows }) => rows);
  if ([total, ...counts].some((rows) => typeof rows !== "bigint" || rows < 0n))
    throw new Error("its index at the end is damaged: a number of rows is none");
  const inGroups = counts.reduce((sum, rows) => sum + rows, 0n);
  // A writer that left the total at 0 has counted the rows of its groups.
  if (total !== inGroups && total !== 0n)
    throw new Error(`its footer counts ${total} rows, but its row groups have ${inGroups}`);
  return Number(inGroups);
}

/** The place and kind of a leaf column in a row group. @throws when it is not there, or cannot be read */
export function chunkOf({ columns, num_rows: rows }: RowGroup, leaf: Leaf): ColumnMetaData {
  const path = leaf.path.join(".");
  const isIt = (column: RowGroup["columns"][number] | undefined) =>
    column?.meta_data?.path_in_schema.join(".") === path;
  const column = isIt(columns[leaf.index])
    ? columns[leaf.index]
    : (columns.find(isIt) ?? columns[leaf.index]);
  if (column?.file_path) throw new NotSupported(`the column ${JSON.stringify(path)} is in another file`);
  const chunk = column?.meta_data;
  if (column?.crypto_metadata !== undefined || (column !== undefined && chunk === undefined))
    throw new NotSupported(`the column ${JSON.stringify(path)} is encrypted`);
  if (column === undefined || chunk === undefined || !isIt(column))
    throw new Error(`the column ${JSON.stringify(path)} is missing`);
  if (chunk.type !== leaf.element.type)
    throw new Error(
      `the column ${JSON.stringify(path)} is ${chunk.type}, but its schema says ${leaf.element.type}`,
    );
  if (chunk.num_values < rows)
    throw new Error(`the column ${JSON.stringify(path)} has ${chunk.num_values} values for ${rows} rows`);
  return chunk;
}

/** Where the pages of a chunk begin. An offset of 0 stands for none. */
export function startOf({
  dictionary_page_offset: dictionary,
  data_page_offset: data,
}: ColumnMetaData): number {
  return Number(dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data);
}
