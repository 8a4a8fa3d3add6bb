import { cancelJob } from "../../flink/jobs.js";
import { recordedAccount, type StreamStop } from "../account.js";
import { exclusively } from "../lock.js";
import { loadTables } from "../tables.js";
import type { Workspace } from "../workspace.js";
import { activeStreams } from "./jobs.js";
import { recordMark } from "./mark.js";

export interface StopResult {
  readonly stopped: readonly {
    readonly id: string;
    readonly name: string;
    /** Path of the savepoint; null when it was cancelled. */
    readonly savepoint: string | null;
  }[];
}

/** Longer than Flink's own time limit of a savepoint (10 min) makes no sense; a stack that is well takes a second. */
const savepointMs = 120_000;

/**
 * Stops the stream with a savepoint, from which `process-streaming` goes on, and records it.
 *
 * @param cancel without one: it goes on from its last checkpoint then
 * @throws PipectlError (failed) `savepoint_failed`; the job then goes on
 */
export async function stopStreaming(workspace: Workspace, cancel: boolean): Promise<StopResult> {
  return await exclusively(workspace, "run", () => stopStreams(workspace, cancel));
}

/** Only for the owner of the lock "run", or of the stack. */
export async function stopStreams(workspace: Workspace, cancel: boolean): Promise<StopResult> {
  const { flink, signal, report } = workspace;
  const stopped: StopResult["stopped"][number][] = [];
  const jobs = await activeStreams(workspace);
  if (jobs.length === 0) report({ type: "note", text: "stream: no job runs" });
  for (const { id, name } of jobs) {
    report({ type: "step", text: `Stopping ${name} ${cancel ? "without" : "with"} a savepoint` });
    let savepoint: string | null = null;
    if (cancel) await cancelJob(flink, id, signal);
    else savepoint = await flink.stopWithSavepoint(id, savepointMs);
    await recordStop(workspace, id, savepoint);
    stopped.push({ id, name, savepoint });
  }
  return { stopped };
}

async function recordStop(workspace: Workspace, job: string, savepoint: string | null): Promise<void> {
  const { bronze, dlq } = await loadTables(workspace.catalog, workspace.dataset);
  const stream = recordedAccount(bronze)?.stream;
  // The savepoint of a job that is not the account's newest is not the newest truth.
  if (bronze === undefined || stream === undefined || stream.jobs.at(-1) !== job) return;
  const stopped: StreamStop = {
    at: new Date().toISOString(),
    savepoint,
    bronzeSnapshot: bronze.current?.id ?? null,
    dlqSnapshot: dlq?.current?.id ?? null,
  };
  await recordMark(workspace, bronze, { ...stream, stopped });
}
