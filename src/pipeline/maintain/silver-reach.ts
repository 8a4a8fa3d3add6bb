import { messageOf, PipectlError } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import { activeStreams } from "../../execution/stream-jobs.js";
import type { Checkpoints } from "../../flink/rest.js";
import { lastCheckpointIn } from "../../lake/lineage.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import type { Workspace } from "../../workspace/workspace.js";
import { hasFailed } from "./maintenance-job.js";
import { positionAt, reached, type SilverPosition } from "./silver-position.js";

/** A job that keeps up has nothing left to read between two of its looks at bronze, so a few checkpoints are enough to see it. */
const looks = 5;

/**
 * The bronze snapshot up to which silver's stream has read everything and committed the results. Only Flink's state of the job
 * shows it, because a row that brings nothing new leaves no trace in silver.
 *
 * @returns undefined when that is unknown: the job is behind, or was killed
 */
export async function silverReach(workspace: Workspace, stream: StreamMark): Promise<string | undefined> {
  const { report } = workspace;
  const job = stream.jobs.at(-1) as string;
  if (stream.stopped !== undefined) {
    const { savepoint } = stream.stopped;
    const found = savepoint === null ? undefined : await position(workspace, savepoint);
    return found === undefined ? undefined : reached(found);
  }
  const running = (await activeStreams(workspace, ["silver"])).some(
    ({ id, state }) => id === job && state === "RUNNING",
  );
  if (!running) return undefined;
  let number = 0;
  for (let look = 1; look <= looks; look++) {
    const checkpoint = await checkpointAfter(workspace, job, number);
    if (checkpoint === undefined) break;
    const found = await position(workspace, checkpoint.path);
    if (found === undefined) break;
    ({ number } = found);
    const snapshot = reached(found);
    if (snapshot === undefined) continue;
    // Rows read before a checkpoint are committed after it, and before the next one is completed.
    const committed = await isCommitted(workspace, job, number);
    if (!committed && (await checkpointAfter(workspace, job, number)) === undefined) break;
    return snapshot;
  }
  report({
    type: "note",
    text: "silver: the position of its stream is unknown now, so bronze's snapshots since its last known position are kept",
  });
  return undefined;
}

/** A completed checkpoint with a higher number; undefined when none comes in time. */
async function checkpointAfter(
  { flink, config, signal, report }: Workspace,
  job: string,
  number: number,
): Promise<Checkpoints["lastCompleted"]> {
  return await poll(
    async () => {
      const last = (await flink.checkpoints(job))?.lastCompleted;
      return last !== undefined && last.id > number ? last : undefined;
    },
    {
      what: "a checkpoint of silver's stream",
      timeoutMs: 60_000 + config.values.CHECKPOINT_INTERVAL,
      signal,
      report,
    },
  ).catch((error) => {
    if (error instanceof PipectlError && error.code === "timeout") return undefined;
    throw error;
  });
}

/** Undefined, with a warning, when the checkpoint cannot be read. */
async function position(workspace: Workspace, checkpoint: string): Promise<SilverPosition | undefined> {
  const { report, signal } = workspace;
  report({ type: "step", text: "Silver: reading its stream's position" });
  const warn = (why: string) =>
    report({ type: "warning", text: `silver: its stream's state cannot be read: ${why}` });
  try {
    const found = await positionAt(workspace, checkpoint);
    if (!hasFailed(found)) return found;
    warn(found.error);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PipectlError)) throw error;
    warn(messageOf(error));
  }
  return undefined;
}

async function isCommitted(
  { catalog, dataset }: Workspace,
  job: string,
  checkpoint: number,
): Promise<boolean> {
  const silver = await catalog.table(dataset.tables.silver);
  return silver !== undefined && lastCheckpointIn(silver, job) >= checkpoint;
}
