import { count, plural } from "../../core/format.js";
import { type DateRange, type Unit, unitsIn } from "../unit.js";

export interface PartitionChoice {
  readonly transform: Exclude<Unit, "day">;
  readonly reason: string;
}

/** So many files are read without a thought about them, however small they are. */
const fewPartitions = 1_000;
/** Partitions with more rows than this are no small files. */
const manyRows = 10_000;

/**
 * What a partition of silver should hold: a day, unless the records lie on so many days that most partitions would be a tiny file.
 * Few records far away from all others count, too: each of them is a partition.
 *
 * @returns undefined for a day
 */
export function choosePartition(span: DateRange | undefined, records: number): PartitionChoice | undefined {
  if (span === undefined) return undefined;
  const days = unitsIn(span);
  if (days <= fewPartitions || records / days >= manyRows) return undefined;
  const transform = days / 30 <= fewPartitions ? "month" : "year";
  return {
    transform,
    reason: `${plural(records, "record")} from ${span.from} to ${span.to}: by day up to ${count(Math.min(days, records))} files`,
  };
}
