import { failed, usage } from "../core/errors.js";
import { cancelJob } from "../flink/jobs.js";
import { type JobOverview, terminalStates } from "../flink/rest.js";
import type { Workspace } from "./workspace.js";

export interface ListedJob extends JobOverview {
  readonly restarts: number | null;
}

/** Every job that Flink still knows, newest first. */
export async function listJobs(workspace: Workspace): Promise<ListedJob[]> {
  const jobs = await workspace.flink.jobs();
  const listed = await Promise.all(
    jobs.map(async (job) => ({
      ...job,
      restarts: terminalStates.has(job.state) ? null : ((await workspace.flink.restarts(job.id)) ?? null),
    })),
  );
  return listed.sort((a, b) => b.startTime - a.startTime);
}

/** Cancels a job by its id, or by a beginning of it that only one job has. */
export async function cancelById(workspace: Workspace, id: string): Promise<void> {
  const matches = (await workspace.flink.jobs()).filter((job) => job.id.startsWith(id));
  const [job] = matches;
  if (job === undefined) throw usage("job_unknown", `Flink knows no job ${id}`, { hint: "pipectl jobs" });
  if (matches.length > 1)
    throw usage("job_ambiguous", `${matches.length} jobs begin with ${id}`, { hint: "pipectl jobs" });
  if (terminalStates.has(job.state)) throw failed("job_ended", `job ${job.id} is ${job.state} already`);
  await cancelJob(workspace.flink, job.id, workspace.signal);
}
