import type { DateRange } from "../dataset/unit.js";
import type { Table } from "../iceberg/catalog.js";
import type { Needs } from "../workspace/workspace.js";
import { deleteDatesJob, runOwnJob } from "./own-jobs.js";

/**
 * Deletes date partitions from a branch of silver, or all rows from a branch of any table. An INSERT OVERWRITE would keep a date
 * that gets no rows any more. A small job on the cluster does it: neither Flink SQL nor the catalog's REST API can delete rows.
 */
export async function deleteDates(
  workspace: Needs<"dataset" | "runtime" | "flink" | "report" | "signal" | "unaborted">,
  table: Table,
  branch: string,
  which: readonly DateRange[] | "all",
): Promise<void> {
  const { dataset } = workspace;
  const own = {
    ...table.id,
    branch,
    column: dataset.silver.partitionBy.name,
    ...(which === "all" ? {} : { ranges: which.map(({ from, to }) => `${from}..${to}`).join(",") }),
  };
  await runOwnJob(workspace, deleteDatesJob(dataset), "DeleteDates", own, 120_000);
}
