import { usage } from "../../core/errors.js";
import type { Guess } from "./guess.js";
import type { Candidate } from "./pairs.js";

/** What was seen of one column of the inputs. */
export interface ObservedColumn {
  /** The field's name in a record. */
  readonly source: string;
  readonly guess: Guess;
  /** Records in which it is NULL, or not there. */
  readonly nulls: number;
  /** Some input, or some record, does not have it. */
  readonly isOptional: boolean;
}

/** What the inputs hold. */
export interface Observation {
  readonly records: number;
  /** Records that would be dead letters: nothing was learned of them. */
  readonly unreadable: number;
  readonly columns: readonly ObservedColumn[];
  /** Columns, by their place in `columns`, that tell all records apart: the likeliest first. */
  readonly keys: readonly Candidate[];
  /** Candidates that were given up for want of memory, after so many records. */
  readonly ranOut: readonly { readonly columns: readonly number[]; readonly records: number }[];
}

/** How many columns a dataset may have. */
const maxColumns = 2000;

/** @throws usage error `too_many_columns` */
export function requireFewColumns(where: string, count: number): void {
  if (count <= maxColumns) return;
  throw usage("too_many_columns", `${where} has more than ${maxColumns} columns or fields`, {
    hint: "Field names that are data (ids, dates) have to become values first.",
  });
}

/** How likely a column is a key by its name: 0 is the likeliest. */
export function keyRank(name: string): number {
  const lower = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  if (lower === "id") return 0;
  if (/^(uuid|guid|key)$/.test(lower)) return 1;
  return /(^|[^a-z0-9])(id|uuid|guid|key)$/.test(lower) ? 2 : 3;
}

/** The columns by their rank; equals stay in their order. */
export const byKeyRank = (names: readonly string[]): number[] =>
  names
    .map((name, index) => ({ index, rank: keyRank(name) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ index }) => index);
