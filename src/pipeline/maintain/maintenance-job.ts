import { failed } from "../../core/errors.js";
import { maintenanceJob, runOwnJob } from "../../execution/own-jobs.js";
import type { Workspace } from "../../workspace/workspace.js";

/** An operation for `io.pipectl.job.Maintenance`, on one table or one checkpoint. */
export interface Operation {
  readonly task:
    | "expire"
    | "manifests"
    | "orphans"
    | "position"
    | "unreadable"
    | "files"
    | "rows"
    | "deletes";
  readonly [option: string]: string;
}

/** The job's result of an operation: `error`, or what it has done. */
export type Outcome<T> = T | { readonly error: string };

/**
 * Runs operations one after the other in one job.
 *
 * @returns the outcome of each operation
 * @throws PipectlError (failed) `job_failed`, `tend_silent` when Flink does not show what the job did
 */
export async function runMaintenance<T>(
  workspace: Workspace,
  work: readonly Operation[],
): Promise<Outcome<T>[]> {
  if (work.length === 0) return [];
  const { dataset, config } = workspace;
  const own = { work: JSON.stringify(work) };
  const job = await runOwnJob(
    workspace,
    maintenanceJob(dataset),
    "Maintenance",
    own,
    config.values.JOB_TIMEOUT,
  );
  // The result is a list of objects, which Java prints as JSON.
  const read = (value: string) => JSON.parse(value) as Outcome<T>[];
  const result = await job.collected("result", (value) => read(value).length === work.length);
  if (result !== undefined) return read(result);
  throw failed("tend_silent", `job ${job.id} (${job.name}) has ended, but Flink does not show what it did`, {
    hint: "pipectl tables; the same command again does what is left",
  });
}

export const hasFailed = <T>(outcome: Outcome<T>): outcome is { readonly error: string } =>
  typeof (outcome as { readonly error?: unknown }).error === "string";
