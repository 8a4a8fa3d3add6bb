import { PipectlError } from "../../core/errors.js";
import { activeStreams } from "../../execution/stream-jobs.js";
import type { JobState } from "../../flink/rest.js";
import { overdueMs } from "../../ledger/current.js";
import type { Needs } from "../../workspace/workspace.js";

/** The states of a job that Flink has taken, and none of whose tasks can run yet. */
export const beforeItRuns: ReadonlySet<JobState> = new Set(["CREATED", "INITIALIZING", "RECONCILING"]);

/**
 * How much longer than `overdueMs` a busy machine may take to bring tasks to run, and to complete a checkpoint, in milliseconds. Where no
 * slot is free, Flink gives that for a reason within the first.
 */
const slowMs = { tasks: 300_000, checkpoint: 60_000 };

/** Why a job of which Flink knows nothing bad may complete no checkpoint yet; undefined when it has been late for too long. */
export async function slowOf(
  { flink }: Needs<"flink">,
  id: string,
  lateMs: number,
): Promise<string | undefined> {
  const tasks = ((await flink.vertices(id)) ?? []).filter(({ state }) => state !== "RUNNING");
  if (tasks.length > 0 && lateMs <= slowMs.tasks)
    return `its tasks are ${[...new Set(tasks.map(({ state }) => state))].join(" and ")}`;
  return lateMs <= slowMs.checkpoint ? "Flink is slow, and knows of nothing bad" : undefined;
}

/**
 * How much longer than `overdueMs` records may wait for the stream that is to take them, in milliseconds: it has only begun, or its last
 * checkpoint took long or is not there yet. That its checkpoints are late is another stage's to say. 0 where Flink does not say.
 */
export async function graceOf(workspace: Needs<"flink" | "dataset" | "config">): Promise<number> {
  try {
    const [job] = await activeStreams(workspace, ["bronze"]);
    if (job === undefined) return 0;
    const usual = overdueMs(workspace.config.values.CHECKPOINT_INTERVAL);
    const runs = Date.now() - job.startTime;
    if (beforeItRuns.has(job.state) || runs <= usual) return Number.POSITIVE_INFINITY;
    const checkpoints = await workspace.flink.checkpoints(job.id);
    const last = checkpoints?.lastCompleted;
    const isLate = last === undefined || Date.now() - last.at > usual;
    if (isLate && checkpoints?.lastFailed !== undefined) return 0;
    return Math.min(slowMs.checkpoint, isLate ? slowMs.checkpoint : 2 * (last.tookMs ?? 0));
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return 0;
  }
}
