import { sum } from "../../core/sum.js";
import { HashSet, hash, hashed, mixed } from "./hash-set.js";
import { type Candidate, likelyPairs, type Prefix } from "./pairs.js";

/** Places of all sets together: 64 MB, for about five million values. */
const maxPlaces = 8 * 1024 * 1024;

/** Number of records that are kept to find pairs of columns that deserve a set. */
export const prefixRecords = 4096;

/** Number of pairs that are followed to the end. */
const maxPairs = 4;

/** Number of columns that are considered for pairs, the likelier ones first: 496 pairs. */
const prefixColumns = 32;

interface Followed extends Candidate {
  readonly set: HashSet;
}

/**
 * Searches for columns, or pairs of columns, that have a value in every record and never the same one twice. Its results are
 * compared over all records, never over a part: a candidate that would need too much memory is dropped.
 */
export class KeySearch {
  #singles: (Followed | undefined)[];
  /** Columns that have had a value in every record so far, and may be part of a pair. */
  #isFull: boolean[];
  #isWanted: boolean[];
  #wanted: readonly number[];
  #pairs: Followed[] = [];
  #low: Int32Array;
  #high: Int32Array;
  #prefix: Prefix[] = [];
  #records = 0;
  #ranOut: { readonly columns: readonly number[]; readonly records: number }[] = [];

  /**
   * @param count number of columns; all are candidates as long as they have values
   * @param order the columns, likelier keys first
   */
  constructor(
    count: number,
    private readonly order: readonly number[],
  ) {
    this.#singles = Array.from({ length: count }, (_, column) => ({ columns: [column], set: new HashSet() }));
    this.#isFull = new Array(count).fill(true);
    this.#isWanted = [...this.#isFull];
    this.#wanted = order;
    this.#low = new Int32Array(count);
    this.#high = new Int32Array(count);
    for (const column of order.slice(0, prefixColumns)) {
      this.#prefix[column] = { low: new Int32Array(prefixRecords), high: new Int32Array(prefixRecords) };
    }
  }

  /** True when the value of a column is still needed. */
  wants(column: number): boolean {
    return this.#isWanted[column] === true;
  }

  #findWanted() {
    const inPairs = new Set(this.#pairs.flatMap(({ columns }) => columns));
    const isOpen = (column: number) =>
      this.#singles[column] !== undefined ||
      inPairs.has(column) ||
      (this.#records < prefixRecords && this.#prefix[column] !== undefined);
    this.#isWanted = this.#isFull.map((isFull, column) => isFull && isOpen(column));
    this.#wanted = this.order.filter((column) => this.#isWanted[column]);
  }

  /** Sets the value of a column in the current record. */
  value(column: number, text: string): void {
    hash(text);
    this.#low[column] = hashed.low;
    this.#high[column] = hashed.high;
  }

  /** Drops a column: it has no value in the current record, or its texts do not distinguish values. */
  drop(column: number): void {
    if (this.#isFull[column] !== true) return;
    this.#isFull[column] = false;
    this.#singles[column] = undefined;
    this.#pairs = this.#pairs.filter(({ columns }) => !columns.includes(column));
    this.#findWanted();
  }

  /** Ends the current record. */
  next(): void {
    const at = this.#records++;
    for (const column of this.#wanted) {
      const kept = at < prefixRecords ? this.#prefix[column] : undefined;
      if (kept) {
        kept.low[at] = this.#low[column] as number;
        kept.high[at] = this.#high[column] as number;
      }
      const single = this.#singles[column];
      if (single && !this.#add(single, this.#low[column] as number, this.#high[column] as number)) {
        this.#singles[column] = undefined;
        this.#findWanted();
      }
    }
    if (this.#pairs.length > 0) this.#nextOfPairs();
    if (this.#records === prefixRecords) this.#choosePairs();
  }

  /** The remaining candidates, the likeliest first: single columns before pairs. */
  found(): { candidates: Candidate[]; ranOut: readonly { columns: readonly number[]; records: number }[] } {
    if (this.#records < prefixRecords) this.#choosePairs();
    const singles = this.order.flatMap((column) => this.#singles[column] ?? []);
    return { candidates: this.#records === 0 ? [] : [...singles, ...this.#pairs], ranOut: this.#ranOut };
  }

  #nextOfPairs() {
    for (const pair of [...this.#pairs]) {
      const [a = 0, b = 0] = pair.columns;
      const low = mixed((this.#low[a] as number) ^ Math.imul(this.#low[b] as number, 31));
      const high = mixed((this.#high[a] as number) ^ Math.imul(this.#high[b] as number, 31));
      if (this.#add(pair, low, high)) continue;
      this.#pairs = this.#pairs.filter((one) => one !== pair);
      this.#findWanted();
    }
  }

  #choosePairs() {
    const records = Math.min(this.#records, prefixRecords);
    const columns = this.order.filter(
      (column) => this.#prefix[column] && this.#isFull[column] && !this.#singles[column],
    );
    const likely = likelyPairs(columns, this.#prefix, records);
    const followed = likely.slice(0, maxPairs).map((pair) => ({ ...pair, set: new HashSet() }));
    this.#pairs = followed;
    for (let at = 0; at < records; at++) {
      for (const { columns } of followed) {
        for (const column of columns) {
          this.#low[column] = this.#prefix[column]?.low[at] as number;
          this.#high[column] = this.#prefix[column]?.high[at] as number;
        }
      }
      this.#nextOfPairs();
    }
    this.#prefix = [];
    this.#findWanted();
  }

  /** False when the set has the value already, or cannot grow. */
  #add(candidate: Followed, low: number, high: number): boolean {
    if (candidate.set.isFull && !this.#makeRoom(candidate)) return false;
    return candidate.set.add(low, high);
  }

  /** Gives up the least likely candidates until `candidate` can grow; false when that is given up itself. */
  #makeRoom(candidate: Followed): boolean {
    const followed = () => [...this.order.flatMap((column) => this.#singles[column] ?? []), ...this.#pairs];
    for (;;) {
      const all = followed();
      const places = sum(all.map(({ set }) => set.places));
      if (places + candidate.set.places <= maxPlaces) return true;
      const last = all.at(-1) as Followed;
      this.#ranOut.push({ columns: last.columns, records: this.#records - 1 });
      if (last === candidate) return false;
      if (last.columns.length === 1) this.#singles[last.columns[0] as number] = undefined;
      else this.#pairs = this.#pairs.filter((one) => one !== last);
      this.#findWanted();
    }
  }
}
