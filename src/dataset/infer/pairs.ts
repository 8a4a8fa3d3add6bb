import { mixed } from "./hash-set.js";

/** Hashes of a column's first values. */
export interface Prefix {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

export interface Candidate {
  /** The number of one column, or of two. */
  readonly columns: readonly number[];
  /** The expected number of duplicates in the first records, if the two columns were independent. */
  readonly expected?: number;
}

/**
 * The minimum number of duplicates to expect by chance. Below it, the absence of duplicates proves nothing: the two times of a
 * taxi trip are unique in any few thousand trips, and would still not identify one of millions.
 */
const leastExpected = 3;

/**
 * Finds pairs of columns that identify the first records, and not by chance: each column repeats its values so often that, if
 * the two were independent, some records would agree in both.
 *
 * @param prefix hashes of the first values, by column
 * @returns the most surprising pair first
 */
export function likelyPairs(
  columns: readonly number[],
  prefix: readonly (Prefix | undefined)[],
  records: number,
): Candidate[] {
  const combinations = (records * (records - 1)) / 2;
  const equal = new Map(columns.map((column) => [column, equalPairs(prefix[column]?.low, records)]));
  const found: Required<Candidate>[] = [];
  for (const [index, a] of columns.entries()) {
    for (const b of columns.slice(index + 1)) {
      const expected = ((equal.get(a) ?? 0) * (equal.get(b) ?? 0)) / combinations;
      if (expected < leastExpected) continue;
      if (tellsApart(prefix[a]?.low, prefix[b]?.low, records))
        found.push({ columns: [a, b].sort((x, y) => x - y), expected });
    }
  }
  return found.sort((x, y) => y.expected - x.expected);
}

/** The number of pairs of records with the same value. */
function equalPairs(hashes: Int32Array | undefined, records: number): number {
  const counts = new Map<number, number>();
  let pairs = 0;
  for (let at = 0; at < records; at++) {
    const value = hashes?.[at] ?? 0;
    const before = counts.get(value) ?? 0;
    pairs += before;
    counts.set(value, before + 1);
  }
  return pairs;
}

/** Compares 32 bits. A false match is unlikely, and only loses the pair. */
function tellsApart(a: Int32Array | undefined, b: Int32Array | undefined, records: number): boolean {
  const seen = new Set<number>();
  for (let at = 0; at < records; at++) {
    seen.add(mixed((a?.[at] ?? 0) ^ Math.imul(b?.[at] ?? 0, 31)));
    if (seen.size <= at) return false;
  }
  return true;
}
