/** Rows of a table that have a hash, and the sum of the hashes: it does not depend on the order of the rows. */
export interface HashSum {
  readonly rows: number;
  /** Modulo 2^64, as SQL prints a BIGINT: a number of 64 bits does not fit a JavaScript number. */
  readonly sum: string;
  /** Rows among them whose hash does not fit their values, accepted with `--accept-foreign`. */
  readonly changed?: number;
}

/** The same of both tables that records land in. */
export interface RowHashes {
  readonly bronze: HashSum;
  readonly dlq: HashSum;
}

export const noHashes: RowHashes = { bronze: { rows: 0, sum: "0" }, dlq: { rows: 0, sum: "0" } };

/** Both together. Pure. */
export function joinedSums(one: HashSum, other: HashSum): HashSum {
  const changed = (one.changed ?? 0) + (other.changed ?? 0);
  return {
    rows: one.rows + other.rows,
    sum: String(BigInt.asIntN(64, BigInt(one.sum) + BigInt(other.sum))),
    ...(changed === 0 ? {} : { changed }),
  };
}

/** Both together, table by table; undefined counts as none. Pure. */
export const joinedHashes = (one: RowHashes = noHashes, other: RowHashes = noHashes): RowHashes => ({
  bronze: joinedSums(one.bronze, other.bronze),
  dlq: joinedSums(one.dlq, other.dlq),
});
