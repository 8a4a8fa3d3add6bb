import { randomBytes } from "node:crypto";
import type { Dataset } from "../dataset/types.js";
import { followJob, requireFinished } from "../flink/jobs.js";
import type { Table } from "../iceberg/catalog.js";
import type { Workspace } from "./workspace.js";

/** How the names of these jobs begin. */
export const deleteDatesJob = (dataset: Dataset) => `pipectl delete dates ${dataset.name} `;

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
  const { flink, runtime, dataset, report, signal } = workspace;
  const name = `${deleteDatesJob(dataset)}${randomBytes(4).toString("hex")}`;
  const options = {
    name,
    ...Object.fromEntries(
      Object.entries(runtime.inside.catalog).map(([key, value]) => [`catalog.${key}`, value]),
    ),
    namespace: table.id.namespace,
    table: table.id.table,
    branch,
    column: dataset.silver.partitionBy.name,
    ...(which === "all" ? {} : which),
  };
  const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  const submission = flink.runJar(await runtime.jobJar(), "io.pipectl.job.DeleteDates", args);
  submission.catch(() => {});
  const job = await followJob(flink, name, { submission, timeoutMs: 120_000, report, signal });
  await submission;
  if (job !== undefined) await requireFinished(flink, job, signal);
}
