import { usage } from "../../core/errors.js";
import type { DateRange } from "../unit.js";
import type { Guess } from "./guess.js";
import type { Candidate } from "./pairs.js";

/** The findings about one column of the inputs. */
export interface ObservedColumn {
  /** The field's name in a record. */
  readonly source: string;
  readonly guess: Guess;
  /** Records in which it is NULL or missing. */
  readonly nulls: number;
  /** True when some input, or some record, does not have it. */
  readonly isOptional: boolean;
  /** The days of its dates or times; undefined for what has none. */
  readonly span?: DateRange | undefined;
}

/** The findings about the inputs. */
export interface Observation {
  readonly records: number;
  /** Records that would be dead letters. They contribute nothing else. */
  readonly unreadable: number;
  readonly columns: readonly ObservedColumn[];
  /** Columns, by index in `columns`, that identify all records; the likeliest first. */
  readonly keys: readonly Candidate[];
  /** Candidates that were given up for lack of memory, and after how many records. */
  readonly ranOut: readonly { readonly columns: readonly number[]; readonly records: number }[];
  /** What else a person should know of the inputs, a sentence each without its end. */
  readonly remarks?: readonly string[];
  /** False for CSV files without a header. */
  readonly hasHeader?: boolean;
}

/** The maximum number of columns of a dataset. */
const maxColumns = 2000;

/** @throws usage error `too_many_columns` */
export function requireFewColumns(where: string, count: number): void {
  if (count <= maxColumns) return;
  throw usage("too_many_columns", `${where} has more than ${maxColumns} columns or fields`, {
    hint: "Field names that are data (ids, dates) have to become values first.",
  });
}

/** The rank of a column's name as a key: 0 is the likeliest. */
export function keyRank(name: string): number {
  const lower = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  if (lower === "id") return 0;
  if (/^(uuid|guid|key)$/.test(lower)) return 1;
  return /(^|[^a-z0-9])(id|uuid|guid|key)$/.test(lower) ? 2 : 3;
}

/** The indexes of the columns by rank; equal ranks keep their order. */
export const byKeyRank = (names: readonly string[]): number[] =>
  names
    .map((name, index) => ({ index, rank: keyRank(name) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ index }) => index);
