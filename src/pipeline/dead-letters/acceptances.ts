import { z } from "zod";
import { failed } from "../../core/errors.js";
import { recordCodec } from "../../core/record-codec.js";
import { sum } from "../../core/sum.js";
import type { Table } from "../../iceberg/catalog.js";
import { countShape } from "../../lake/record-shapes.js";
import { type DeadLetterFilter, type DeadLetterGroup, filterSql, isAmong } from "./reasons.js";

/** Accepted dead letters of a partition. Offsets never change their record, so they identify dead letters. */
export interface AcceptedRange {
  readonly incarnation: number;
  readonly partition: number;
  /** Only offsets below this one. Nobody has seen later ones. */
  readonly below: number;
  /**
   * The maximum number of them. A dead letter that enters the range later, after a table was rolled back, was not seen
   * either.
   */
  readonly count: number;
}

/** Dead letters that somebody has accepted at one time. */
export interface Acceptance extends DeadLetterFilter {
  /** ISO 8601. */
  readonly at: string;
  readonly note: string | null;
  readonly ranges: readonly AcceptedRange[];
}

/**
 * The record of acceptances, a property of the dead letters' table. A dead letter belongs to the first acceptance that covers
 * it.
 */
export interface Acceptances {
  readonly version: 2;
  /** The snapshot at which `accepted` was counted. */
  readonly snapshot: string;
  /** The number of accepted dead letters in the table, over all acceptances. */
  readonly accepted: number;
  readonly acceptances: readonly Acceptance[];
}

export const acceptedProperty = "pipectl.accepted";

/** Every reader and writer loads a table's properties, and each acceptance becomes part of a query. */
const mostAcceptances = 100;

const range2 = z.looseObject({
  incarnation: countShape,
  partition: countShape,
  below: countShape,
  count: countShape,
});
/** Version 1 called an incarnation an epoch. */
const range1 = range2
  .omit({ incarnation: true })
  .extend({ epoch: countShape })
  .transform(({ epoch, ...range }) => ({ incarnation: epoch, ...range }));

const acceptance = z.looseObject({
  at: z.string(),
  note: z.string().nullable(),
  reason: z.string().nullable(),
  field: z.string().nullable(),
  partition: countShape.nullable(),
});
const record = z.looseObject({ snapshot: z.string(), accepted: countShape });
const acceptances2 = record.extend({
  version: z.literal(2),
  acceptances: z.array(acceptance.extend({ ranges: z.array(range2) })),
});
const acceptances1 = record
  .extend({ version: z.literal(1), acceptances: z.array(acceptance.extend({ ranges: z.array(range1) })) })
  .transform((found) => ({ ...found, version: 2 as const }));

const acceptancesCodec = recordCodec<Acceptances>(
  "the record of accepted dead letters",
  { 1: acceptances1.pipe(acceptances2), 2: acceptances2 },
  {
    code: "acceptances_untrusted",
    hint: "pipectl dlq accept --revoke clears it; then accept them again",
  },
);

/**
 * @returns undefined when nothing was ever accepted
 * @throws PipectlError (failed) `acceptances_untrusted` when the record is damaged, `state_newer` when a newer pipectl wrote it
 */
export function recordedAcceptances(table: Table | undefined): Acceptances | undefined {
  const text = table?.properties[acceptedProperty];
  if (table === undefined || text === undefined) return undefined;
  return acceptancesCodec.decode(text, `${table.id.namespace}.${table.id.table}`);
}

/** The property of the dead letters' table that holds the record. */
export const acceptedIn = (record: Acceptances): Readonly<Record<string, string>> => ({
  [acceptedProperty]: acceptancesCodec.encode(record),
});

/** An SQL expression for the index of the acceptance that a row belongs to; -1 for none. */
export function acceptanceSql(acceptances: readonly Acceptance[]): string {
  const branches = acceptances.map(
    (one, i) => `WHEN ${filterSql(one)} AND (${one.ranges.map(rangeSql).join(" OR ") || "FALSE"}) THEN ${i}`,
  );
  return branches.length === 0 ? "-1" : `CASE ${branches.join(" ")} ELSE -1 END`;
}

const rangeSql = ({ incarnation, partition, below }: AcceptedRange): string =>
  `kafka_incarnation = ${Number(incarnation)} AND kafka_partition = ${Number(partition)} AND kafka_offset < ${Number(below)}`;

/** The number of accepted dead letters among the counted ones, for each acceptance. Pure. */
export function acceptedOf(acceptances: readonly Acceptance[], groups: readonly DeadLetterGroup[]): number[] {
  return acceptances.map(({ ranges }, i) =>
    sum(ranges.map((range) => Math.min(range.count, rowsOf(within(groups, i, range))))),
  );
}

/**
 * The acceptances, with the filter's dead letters that were not accepted before. Pure.
 *
 * @throws PipectlError (failed) `acceptances_full`
 */
export function withAcceptance(
  acceptances: readonly Acceptance[],
  groups: readonly DeadLetterGroup[],
  filter: DeadLetterFilter,
  said: { readonly at: string; readonly note: string | null },
): { readonly acceptances: readonly Acceptance[]; readonly added: number } {
  const earlier = acceptances.map((one, i) => ({
    ...one,
    ranges: one.ranges.map((range) => {
      // Dead letters within an earlier range that it had not counted: they belong to that acceptance, and are seen now.
      const there = within(groups, i, range);
      const open = Math.max(0, rowsOf(there) - range.count);
      const seen = rowsOf(there.filter((group) => isAmong(filter, group)));
      return { ...range, count: range.count + Math.min(open, seen) };
    }),
  }));
  const ranges = rangesOf(groups.filter((group) => group.acceptance === null && isAmong(filter, group)));
  const after = ranges.length === 0 ? earlier : [...earlier, { ...said, ...filter, ranges }];
  if (after.length > mostAcceptances) {
    throw failed("acceptances_full", `there are ${mostAcceptances} acceptances already, the maximum`, {
      hint: "pipectl dlq accept --revoke revokes all of them; then one acceptance can cover them all",
    });
  }
  const count = (all: readonly Acceptance[]) => rowsOf(all.flatMap((one) => one.ranges));
  return { acceptances: after, added: count(after) - count(acceptances) };
}

const rowsOf = (counted: readonly { readonly count: number }[]) => sum(counted.map(({ count }) => count));

const within = (groups: readonly DeadLetterGroup[], acceptance: number, at: AcceptedRange) =>
  groups.filter(
    (group) =>
      group.acceptance === acceptance &&
      group.incarnation === at.incarnation &&
      group.partition === at.partition,
  );

function rangesOf(groups: readonly DeadLetterGroup[]): AcceptedRange[] {
  const ranges = new Map<string, AcceptedRange>();
  for (const { incarnation, partition, count, newest } of groups) {
    const key = `${incarnation}/${partition}`;
    const { below = 0, count: before = 0 } = ranges.get(key) ?? {};
    ranges.set(key, {
      incarnation,
      partition,
      below: Math.max(below, newest.offset + 1),
      count: before + count,
    });
  }
  return [...ranges.values()].sort((a, b) => a.incarnation - b.incarnation || a.partition - b.partition);
}
