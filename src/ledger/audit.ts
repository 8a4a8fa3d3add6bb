import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import type { Snapshot } from "../iceberg/catalog.js";
import type { BranchWork } from "../lake/branches.js";
import { partitionSummaries } from "../lake/lineage.js";
import type { Range } from "./plan.js";

/** What a run added, by Kafka partition. */
export interface AddedRows {
  readonly partition: number;
  readonly bronze: number;
  readonly dlq: number;
  /** Offsets taken that hold no committed record. */
  readonly withoutRecord: number;
}

/**
 * Counts what a run wrote against the offsets that it took, partition by partition. Where there are fewer rows than
 * offsets, `countRecords` must find just as many records in Kafka: then the others are offsets without a record.
 *
 * @throws PipectlError (failed) `audit_failed` with the numbers of every partition that does not add up
 */
export async function audit(
  ranges: readonly Range[],
  bronze: BranchWork,
  dlq: BranchWork,
  countRecords: (range: Range) => Promise<number>,
): Promise<AddedRows[]> {
  const inBronze = addedByPartition(bronze.snapshots);
  const inDlq = addedByPartition(dlq.snapshots);
  const wrong: string[] = [];
  const added: AddedRows[] = [];
  for (const range of ranges) {
    const { partition, start, end, there } = range;
    const rows = { bronze: inBronze.get(partition) ?? 0, dlq: inDlq.get(partition) ?? 0 };
    const landed = there + rows.bronze + rows.dlq;
    const withoutRecord = end - start - landed;
    const records = withoutRecord > 0 ? await countRecords(range) : end - start;
    if (records !== landed) {
      wrong.push(
        `partition ${partition}: ${count(records)} records (offsets ${start} to ${end - 1}), ` +
          (there > 0 ? `${count(there)} there already, ` : "") +
          `but ${count(rows.bronze)} rows for bronze and ${count(rows.dlq)} dead letters`,
      );
    }
    added.push({ partition, ...rows, withoutRecord });
  }
  const taken = new Set(ranges.map(({ partition }) => partition));
  for (const partition of new Set([...inBronze.keys(), ...inDlq.keys()])) {
    if (!taken.has(partition))
      wrong.push(`partition ${partition}: rows, but none of its offsets were to be taken`);
  }
  if (wrong.length > 0) {
    throw failed(
      "audit_failed",
      `the job's rows do not add up; nothing was published:\n  ${wrong.join("\n  ")}`,
      { hint: "pipectl process takes the same offsets again; pipectl logs taskmanager" },
    );
  }
  return added;
}

/** Rows added by snapshots, from the summary of each partition that Iceberg writes into them. */
export function addedByPartition(snapshots: readonly Snapshot[]): Map<number, number> {
  const added = new Map<number, number>();
  for (const snapshot of snapshots) {
    let sum = 0;
    for (const [partition, text] of partitionSummaries(snapshot)) {
      const rows = Number(/(?:^|,)added-records=(\d+)/.exec(text)?.[1] ?? 0);
      if (rows === 0) continue;
      added.set(partition, (added.get(partition) ?? 0) + rows);
      sum += rows;
    }
    if (sum !== Number(snapshot.summary["added-records"] ?? 0)) {
      throw failed(
        "audit_failed",
        `snapshot ${snapshot.id} does not say how many rows each Kafka partition got`,
        {
          hint: "the table property write.summary.partition-limit must be above the number of partitions",
        },
      );
    }
  }
  return added;
}
