import { failed, usage } from "../core/errors.js";
import { cancelJob } from "../flink/jobs.js";
import { type JobOverview, terminalStates } from "../flink/rest.js";
import type { Needs } from "../workspace/workspace.js";

/** Figures that only a running job has are null for the others. */
export interface ListedJob extends JobOverview {
  readonly restarts: number | null;
  /** The last completed checkpoint, and its age in seconds; null when there is none. */
  readonly checkpoint: { readonly id: number; readonly ageSeconds: number } | null;
  /** Records that its sources have read since it began, or was restarted; per second on average. */
  readonly records: number | null;
  readonly recordsPerSecond: number | null;
}

type Figures = Omit<ListedJob, keyof JobOverview>;
const nothingKnown: Figures = { restarts: null, checkpoint: null, records: null, recordsPerSecond: null };

async function figuresOf({ flink }: Needs<"flink">, { id, durationMs }: JobOverview): Promise<Figures> {
  const [restarts, checkpoints, records] = await Promise.all([
    flink.restarts(id),
    flink.checkpoints(id),
    flink.recordsRead(id),
  ]);
  const last = checkpoints?.lastCompleted;
  return {
    restarts: restarts ?? null,
    checkpoint:
      last === undefined ? null : { id: last.id, ageSeconds: Math.round((Date.now() - last.at) / 1000) },
    records: records ?? null,
    recordsPerSecond:
      records === undefined || durationMs === 0 ? null : Math.round((records * 1000) / durationMs),
  };
}

/** Every job that Flink still knows, newest first. */
export async function listJobs(workspace: Needs<"flink">): Promise<ListedJob[]> {
  const jobs = await workspace.flink.jobs();
  const listed = await Promise.all(
    jobs.map(async (job) => ({
      ...job,
      ...(terminalStates.has(job.state) ? nothingKnown : await figuresOf(workspace, job)),
    })),
  );
  return listed.sort((a, b) => b.startTime - a.startTime);
}

/** Cancels a job by its id, or by a prefix of it that no other job has. */
export async function cancelById(workspace: Needs<"flink" | "signal">, id: string): Promise<void> {
  const matches = (await workspace.flink.jobs()).filter((job) => job.id.startsWith(id));
  const [job] = matches;
  if (job === undefined) throw usage("job_unknown", `Flink knows no job ${id}`, { hint: "pipectl jobs" });
  if (matches.length > 1)
    throw usage("job_ambiguous", `${matches.length} jobs begin with ${id}`, { hint: "pipectl jobs" });
  if (terminalStates.has(job.state)) throw failed("job_ended", `job ${job.id} is ${job.state} already`);
  await cancelJob(workspace.flink, job.id, workspace.signal);
}
