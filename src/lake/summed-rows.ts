import type { Snapshot } from "../iceberg/catalog.js";

/**
 * The rows that readers see as of a snapshot, by its summary alone; 0 without a snapshot. Undefined when the summary does not
 * tell: another engine has left it out, or rows are marked in delete files, which Iceberg's `total-records` does not subtract.
 */
export function summedRows(snapshot: Snapshot | undefined): number | undefined {
  if (snapshot === undefined) return 0;
  const total = snapshot.summary["total-records"];
  return total === undefined || hasDeletes(snapshot) ? undefined : Number(total);
}

/** True when rows are marked as deleted in files of their own, as merge-on-read engines do. */
export const hasDeletes = (snapshot: Snapshot | undefined): boolean =>
  Number(snapshot?.summary["total-delete-files"] ?? 0) > 0;
