import { createHash } from "node:crypto";
import type { Row } from "./batch-jobs.js";
import type { FakeRecord } from "./topic.js";

/** The value of an unknown field, where a backfill has moved it to its column. */
export const filled = ({ extra, ...record }: FakeRecord): FakeRecord =>
  extra === undefined ? record : { ...record, value: extra };

/**
 * A model of the cluster's functions: any number does that is another one for other values and another place. A column and
 * `extra_fields` are one, a dead letter's record is its bytes.
 */
export function hashOf(
  kind: "bronze" | "dlq",
  { incarnation, partition, offset, record }: Omit<Row, "hash">,
): string {
  const values = kind === "bronze" ? filled(record) : record;
  const text = JSON.stringify([kind, incarnation, partition, offset, Object.entries(values).sort()]);
  return String(createHash("md5").update(text).digest().readBigInt64BE());
}

/** Rows with the hashes that a statement gives them; none where it does not name the functions. */
export function withHashes<T extends { readonly bronze: readonly Row[]; readonly dlq: readonly Row[] }>(
  sql: string,
  { bronze, dlq }: T,
): { bronze: Row[]; dlq: Row[] } {
  const of = (kind: "bronze" | "dlq", rows: readonly Row[]) => {
    const called = sql.includes(kind === "bronze" ? "pipectl_row_hash(" : "pipectl_dead_letter_hash(");
    return rows.map((row): Row => (called ? { ...row, hash: hashOf(kind, row) } : row));
  };
  return { bronze: of("bronze", bronze), dlq: of("dlq", dlq) };
}

/** COUNT and SUM of a column of hashes, as SQL prints them. */
export function countAndSum(rows: readonly Row[]): [number, string | null] {
  const hashes = rows.flatMap(({ hash }) => (hash === undefined ? [] : [hash]));
  const sum = hashes.reduce((total, hash) => BigInt.asIntN(64, total + BigInt(hash)), 0n);
  return [hashes.length, hashes.length === 0 ? null : String(sum)];
}
