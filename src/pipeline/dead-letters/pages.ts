/** The place of a dead letter, and its size. */
export interface Place {
  readonly incarnation: number;
  readonly partition: number;
  readonly offset: number;
  /** Null when there is none, which differs from an empty one. */
  readonly keyBytes: number | null;
  readonly valueBytes: number | null;
}

/** Dead letters that are read with one query. */
export interface Page {
  readonly ranges: readonly Range[];
  readonly rows: number;
  readonly bytes: number;
  /** Dead letters whose bytes do not fit a row of a query's result. */
  readonly large: readonly Place[];
}

interface Range {
  readonly incarnation: number;
  readonly partition: number;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/**
 * A page is held at once by the gateway, in a heap of 512 MB, and by Node as Base64. On the other hand each query takes about
 * a second.
 */
const mostBytes = 8_000_000;
const mostRows = 20_000;
/** For the other columns, and for a row's JSON. */
const rowBytes = 400;

const none: Page = { ranges: [], rows: 0, bytes: 0, large: [] };

/** An expression of a thousand comparisons compiles in an instant; one of ten thousand may not. */
const mostRanges = 1_000;

/**
 * Groups dead letters into pages, in order. Only the pages' bounds are kept in memory.
 *
 * @param largestRow the most bytes of key and value that a row of a result may have
 * @param which `all`: every dead letter between the first and the last of a range; `one by one`: only the given ones
 */
export function paging(largestRow: number, which: "all" | "one by one" = "all") {
  const full: Page[] = [];
  let open = none;
  return {
    /** Called by incarnation, partition and offset. */
    add(place: Place): void {
      const bytes = (place.keyBytes ?? 0) + (place.valueBytes ?? 0);
      const isFull = open.rows >= mostRows || open.ranges.length >= mostRanges;
      if (open.rows > 0 && (isFull || open.bytes + bytes > mostBytes)) {
        full.push(open);
        open = none;
      }
      open = {
        ranges: withPlace(open.ranges, place, which),
        rows: open.rows + 1,
        bytes: open.bytes + bytes + rowBytes,
        large: bytes > largestRow ? [...open.large, place] : open.large,
      };
    },
    pages: (): Page[] => (open.rows === 0 ? full : [...full, open]),
  };
}

function withPlace(
  ranges: readonly Range[],
  { incarnation, partition, offset }: Place,
  which: "all" | "one by one",
): readonly Range[] {
  const last = ranges.at(-1);
  const goesOn = last?.incarnation === incarnation && last.partition === partition;
  if (!goesOn || (which === "one by one" && last.last + 1 !== offset))
    return [...ranges, { incarnation, partition, first: offset, last: offset }];
  return [...ranges.slice(0, -1), { ...last, last: offset }];
}
