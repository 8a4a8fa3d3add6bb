import type { Table } from "../iceberg/catalog.js";
import type { Needs } from "../workspace/workspace.js";
import { deleteDatesJob, runOwnJob } from "./own-jobs.js";

/**
 * Removes date partitions from a branch of silver, so that a date which gets no row any more does not stay, or all rows from a
 * branch of any table.
 * Runs a small job of ours on the cluster: neither Flink SQL nor the catalog's REST API can delete rows.
 */
export async function deleteDates(
  workspace: Needs<"dataset" | "runtime" | "flink" | "report" | "signal" | "unaborted">,
  table: Table,
  branch: string,
  which: { readonly from: string; readonly to: string } | "all",
): Promise<void> {
  const { dataset } = workspace;
  const own = {
    ...table.id,
    branch,
    column: dataset.silver.partitionBy.name,
    ...(which === "all" ? {} : which),
  };
  await runOwnJob(workspace, deleteDatesJob(dataset), "DeleteDates", own, 120_000);
}
