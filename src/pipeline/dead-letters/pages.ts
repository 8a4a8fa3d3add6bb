/** Where a dead letter is, and how large it is. */
export interface Place {
  readonly incarnation: number;
  readonly partition: number;
  readonly offset: number;
  /** Null for none, which is something else than an empty one. */
  readonly keyBytes: number | null;
  readonly valueBytes: number | null;
}

/** Dead letters that are read with one query. */
export interface Page {
  readonly ranges: readonly Range[];
  readonly rows: number;
  readonly bytes: number;
  /** Those whose bytes do not fit a row of a query's result. */
  readonly large: readonly Place[];
}

interface Range {
  readonly incarnation: number;
  readonly partition: number;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

/** What the gateway holds at once, in a heap of 512 MB, and Node as Base64; and a query for each takes about a second. */
const mostBytes = 8_000_000;
const mostRows = 20_000;
/** Of the other columns, and of a row's JSON. */
const rowBytes = 400;

const none: Page = { ranges: [], rows: 0, bytes: 0, large: [] };

/** An expression of a thousand comparisons compiles in an instant; one of ten thousand need not. */
const mostRanges = 1_000;

/**
 * Puts dead letters together to pages, in their order: of all of them only the pages' bounds are kept.
 *
 * @param largestRow bytes of key and value that a row of a result may have
 * @param which `all` there are between the first and the last one of a range; or only these, `one by one`
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
