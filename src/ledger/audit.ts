import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import { type AddedRows, addedByPartition } from "../lake/added-rows.js";
import type { BranchWork } from "../lake/branches.js";
import type { Range } from "../lake/ranges.js";

/**
 * Compares a run's rows with its offsets, partition by partition. If there are fewer rows than offsets, `countRecords` must
 * find exactly as many records in Kafka: the other offsets then have no record.
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
    const { partition, start, end, present } = range;
    const rows = { bronze: inBronze.get(partition) ?? 0, dlq: inDlq.get(partition) ?? 0 };
    const landed = present + rows.bronze + rows.dlq;
    const withoutRecord = end - start - landed;
    const records = withoutRecord > 0 ? await countRecords(range) : end - start;
    if (records !== landed) {
      wrong.push(
        `partition ${partition}: ${count(records)} records (offsets ${start} to ${end - 1}), ` +
          (present > 0 ? `${count(present)} there already, ` : "") +
          `but ${count(rows.bronze)} rows for bronze and ${count(rows.dlq)} dead letters`,
      );
    }
    added.push({ partition, ...rows, withoutRecord });
  }
  const taken = new Set(ranges.map(({ partition }) => partition));
  for (const partition of new Set([...inBronze.keys(), ...inDlq.keys()])) {
    if (!taken.has(partition))
      wrong.push(`partition ${partition}: rows, but none of its offsets were to be ingested`);
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
