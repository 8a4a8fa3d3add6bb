import { randomBytes } from "node:crypto";
import type { Dataset } from "../dataset/types.js";
import { withoutPlaceholders } from "../flink/session.js";
import type { Table } from "../iceberg/catalog.js";
import { jobEnd } from "./submit.js";
import { forCleanup, type Workspace } from "./workspace.js";

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
  const { runtime, dataset } = workspace;
  const name = `${deleteDatesJob(dataset)}${randomBytes(4).toString("hex")}`;
  const options = {
    name,
    ...Object.fromEntries(
      Object.entries(runtime.inside.catalog).map(([key, value]) => [
        `catalog.${key}`,
        withoutPlaceholders(value, runtime.inside.secrets),
      ]),
    ),
    namespace: table.id.namespace,
    table: table.id.table,
    branch,
    column: dataset.silver.partitionBy.name,
    ...(which === "all" ? {} : which),
  };
  const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  // Once begun it is not broken off: the job might come after the look for it.
  const { flink } = forCleanup(workspace);
  const submission = flink.runJar(await runtime.jobJar(), "io.pipectl.job.DeleteDates", args);
  await jobEnd(workspace, submission, { name }, 120_000);
}
