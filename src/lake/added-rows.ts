import { failed } from "../core/errors.js";
import type { Snapshot } from "../iceberg/catalog.js";
import type { RowHashes } from "./hash-sum.js";
import { partitionSummaries } from "./lineage.js";

/** What a run added, by Kafka partition. */
export interface AddedRows {
  readonly partition: number;
  readonly bronze: number;
  readonly dlq: number;
  /** Offsets taken that hold no committed record. */
  readonly withoutRecord: number;
  /** Of these rows; undefined where nobody has asked for them. */
  readonly hashes?: RowHashes;
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
