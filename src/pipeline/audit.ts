import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import type { Snapshot } from "../iceberg/catalog.js";
import type { BranchWork } from "./branches.js";
import type { Range } from "./plan.js";

/** Rows that a run added, by Kafka partition. */
export interface AddedRows {
  readonly partition: number;
  readonly bronze: number;
  readonly dlq: number;
}

/**
 * Counts what a run wrote against the offsets that it took, partition by partition.
 *
 * @throws PipectlError (failed) `audit_failed` with the numbers of every partition that does not add up
 */
export function audit(ranges: readonly Range[], bronze: BranchWork, dlq: BranchWork): AddedRows[] {
  const inBronze = addedByPartition(bronze.snapshots);
  const inDlq = addedByPartition(dlq.snapshots);
  const wrong: string[] = [];
  const added = ranges.map(({ partition, start, end }) => {
    const rows = { partition, bronze: inBronze.get(partition) ?? 0, dlq: inDlq.get(partition) ?? 0 };
    if (rows.bronze + rows.dlq !== end - start) {
      wrong.push(
        `partition ${partition}: ${count(end - start)} offsets (${start} to ${end - 1}), ` +
          `but ${count(rows.bronze)} rows for bronze and ${count(rows.dlq)} dead letters`,
      );
    }
    return rows;
  });
  const taken = new Set(ranges.map(({ partition }) => partition));
  for (const partition of new Set([...inBronze.keys(), ...inDlq.keys()])) {
    if (!taken.has(partition))
      wrong.push(`partition ${partition}: rows, but none of its offsets were to be taken`);
  }
  if (wrong.length > 0) {
    throw failed(
      "audit_failed",
      `the job's rows do not add up; nothing was published:\n  ${wrong.join("\n  ")}`,
      {
        hint: "a compacted topic, or one with transactions, has offsets without a record",
      },
    );
  }
  return added;
}

/** Rows added by snapshots, from the summary of each partition that Iceberg writes into them. */
function addedByPartition(snapshots: readonly Snapshot[]): Map<number, number> {
  const added = new Map<number, number>();
  for (const { id, summary } of snapshots) {
    let sum = 0;
    for (const [key, text] of Object.entries(summary)) {
      const partition = /^partitions\.kafka_partition=(\d+)$/.exec(key)?.[1];
      if (partition === undefined) continue;
      const rows = Number(/(?:^|,)added-records=(\d+)/.exec(text)?.[1] ?? 0);
      if (rows === 0) continue;
      added.set(Number(partition), (added.get(Number(partition)) ?? 0) + rows);
      sum += rows;
    }
    if (sum !== Number(summary["added-records"] ?? 0)) {
      throw failed("audit_failed", `snapshot ${id} does not say how many rows each Kafka partition got`, {
        hint: "the table property write.summary.partition-limit must be above the number of partitions",
      });
    }
  }
  return added;
}
