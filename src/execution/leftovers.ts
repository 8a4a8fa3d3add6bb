import type { Dataset } from "../dataset/types.js";
import { cancelJob } from "../flink/jobs.js";
import { terminalStates } from "../flink/rest.js";
import type { Needs } from "../workspace/workspace.js";
import { jobNames } from "./job-names.js";
import { compactJob, deleteDatesJob, maintenanceJob } from "./own-jobs.js";

/**
 * Cancels the jobs that a killed run has left running. Such a job would create its branch again after it was dropped. Call it only
 * while holding the stack's lock: a run in progress has the same jobs.
 */
export async function endLeftovers(
  workspace: Needs<"dataset" | "flink" | "report" | "signal">,
): Promise<void> {
  const { bronze, silver, silverKeys, replay, backfill, mart } = jobNames(workspace.dataset, "");
  await endJobs(workspace, [
    bronze,
    silver,
    silverKeys,
    replay,
    backfill,
    mart,
    deleteDatesJob(workspace.dataset),
    ...maintenanceJobs(workspace.dataset),
  ]);
}

/** Cancels jobs of a killed maintenance command. Jobs of runs stay: another machine may be running one. */
export async function endMaintenance(
  workspace: Needs<"dataset" | "flink" | "report" | "signal">,
): Promise<void> {
  await endJobs(workspace, maintenanceJobs(workspace.dataset));
}

const maintenanceJobs = (dataset: Dataset) => [compactJob(dataset), maintenanceJob(dataset)];

async function endJobs(
  { flink, report, signal }: Needs<"flink" | "report" | "signal">,
  ours: readonly string[],
): Promise<void> {
  for (const { id, name, state } of await flink.jobs()) {
    if (terminalStates.has(state) || !ours.some((prefix) => name.startsWith(prefix))) continue;
    report({ type: "warning", text: `cancelling job ${id} (${name}) of a run that was killed` });
    await cancelJob(flink, id, signal);
  }
}
