import { randomBytes } from "node:crypto";
import type { Table } from "../iceberg/catalog.js";
import { deleteDatesJob, jobArguments } from "./own-jobs.js";
import { jobEnd } from "./submit.js";
import { forCleanup, type Workspace } from "./workspace.js";

/**
 * Removes date partitions from a branch of silver, so that a date which gets no row any more does not stay.
 * Runs a small job of ours on the cluster: neither Flink SQL nor the catalog's REST API can delete rows.
 */
export async function deleteDates(
  workspace: Workspace,
  table: Table,
  branch: string,
  which: { readonly from: string; readonly to: string } | "all",
): Promise<void> {
  const { runtime, dataset } = workspace;
  const name = `${deleteDatesJob(dataset)}${randomBytes(4).toString("hex")}`;
  const args = jobArguments(workspace, name, {
    ...table.id,
    branch,
    column: dataset.silver.partitionBy.name,
    ...(which === "all" ? {} : which),
  });
  // Once begun it is not broken off: the job might come after the look for it.
  const { flink } = forCleanup(workspace);
  const submission = flink.runJar(await runtime.jobJar(), "io.pipectl.job.DeleteDates", args);
  await jobEnd(workspace, submission, { name }, 120_000);
}
