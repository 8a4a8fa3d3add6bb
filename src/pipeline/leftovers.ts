import { cancelJob } from "../flink/jobs.js";
import { terminalStates } from "../flink/rest.js";
import { compactJob, deleteDatesJob, tendJob } from "./own-jobs.js";
import { jobNames } from "./sql-context.js";
import type { Workspace } from "./workspace.js";

/**
 * Ends what a run that was killed has left running: a job that goes on writing would make its branch again after it was
 * dropped. Only for the owner of the stack's lock, because a run at work has such jobs, too.
 */
export async function endLeftovers(workspace: Workspace): Promise<void> {
  const { flink, dataset, report, signal } = workspace;
  const { bronze, silver, silverKeys } = jobNames(dataset, "");
  const ours = [bronze, silver, silverKeys, deleteDatesJob(dataset), compactJob, tendJob];
  for (const { id, name, state } of await flink.jobs()) {
    if (terminalStates.has(state) || !ours.some((prefix) => name.startsWith(prefix))) continue;
    report({ type: "warning", text: `cancelling job ${id} (${name}) of a run that was killed` });
    await cancelJob(flink, id, signal);
  }
}
