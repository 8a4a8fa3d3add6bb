import { failed, messageOf } from "../../core/errors.js";
import { activeStreams, type StreamKind, streamKinds } from "../../execution/stream-jobs.js";
import { cancelJob } from "../../flink/jobs.js";
import type { StreamStop } from "../../lake/stream-mark.js";
import { readableAccount } from "../../ledger/account.js";
import { recordMark } from "../../ledger/record-account.js";
import { recordSilver, trustedState } from "../../ledger/silver-state.js";
import { exclusively } from "../../workspace/lock.js";
import { forCleanup, type Workspace } from "../../workspace/workspace.js";

export interface StopResult {
  readonly stopped: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: StreamKind;
    /** Path of the savepoint; null when it was cancelled. */
    readonly savepoint: string | null;
  }[];
}

/** Milliseconds; a stack that is well takes one second. */
export const savepointMs = 120_000;

/**
 * Stops the stream with a savepoint, from which `process-streaming` goes on, and records it.
 *
 * @param cancel without one: it goes on from its last checkpoint then
 * @throws PipectlError (failed) `savepoint_failed` with what has become of the job, `stop_unrecorded`
 */
export async function stopStreaming(workspace: Workspace, cancel: boolean): Promise<StopResult> {
  return await exclusively(workspace, "run", () => stopStreams(workspace, cancel));
}

/** Only for the owner of the lock "run", or of the stack. */
export async function stopStreams(
  workspace: Workspace,
  cancel: boolean,
  kinds: readonly StreamKind[] = streamKinds,
  more: Pick<StreamStop, "resumes"> = {},
): Promise<StopResult> {
  const { signal, report } = workspace;
  // A stop that Flink has begun it carries out: Ctrl-C waits until it is on record.
  const through = forCleanup(workspace);
  const stopped: StopResult["stopped"][number][] = [];
  for (const { id, name, kind } of await activeStreams(workspace, kinds)) {
    report({ type: "step", text: `Stopping ${name} ${cancel ? "without" : "with"} a savepoint` });
    signal.throwIfAborted();
    let savepoint: string | null = null;
    if (cancel) await cancelJob(through.flink, id, through.signal);
    else savepoint = await through.flink.stopWithSavepoint(id, savepointMs);
    const record = kind === "bronze" ? recordStop : recordSilverStop;
    await record(through, id, { at: new Date().toISOString(), savepoint, ...more }).catch((error) => {
      throw failed(
        "stop_unrecorded",
        `${name} has stopped, but its table does not show it: ${messageOf(error)}`,
        {
          hint:
            kind === "bronze"
              ? "pipectl process-streaming counts what it has appended, and goes on at the next offset"
              : "pipectl process-streaming --silver goes on from its last checkpoint, or begins anew",
          cause: error,
        },
      );
    });
    stopped.push({ id, name, kind, savepoint });
  }
  return { stopped };
}

async function recordStop(workspace: Workspace, job: string, stopped: StreamStop): Promise<void> {
  const { catalog, dataset } = workspace;
  const bronze = await catalog.table(dataset.tables.bronze);
  const stream = readableAccount(bronze)?.stream;
  // The savepoint of a job that is not the account's newest is not the newest truth.
  if (bronze === undefined || stream === undefined || stream.jobs.at(-1) !== job) return;
  await recordMark(workspace, bronze, { ...stream, stopped });
}

async function recordSilverStop(workspace: Workspace, job: string, stopped: StreamStop): Promise<void> {
  const { catalog, dataset } = workspace;
  const silver = await catalog.table(dataset.tables.silver);
  const state = silver === undefined ? undefined : trustedState(silver, dataset);
  if (silver === undefined || state?.stream?.jobs.at(-1) !== job) return;
  await recordSilver(workspace, silver, { ...state, stream: { ...state.stream, stopped } });
}
