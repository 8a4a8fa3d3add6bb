import { failed, messageOf, PipectlError } from "../../core/errors.js";
import { activeStreams, type StreamKind, streamKinds } from "../../execution/stream-jobs.js";
import { cancelJob } from "../../flink/jobs.js";
import type { Table } from "../../iceberg/catalog.js";
import type { StreamStop } from "../../lake/stream-mark.js";
import { loadTables } from "../../lake/tables.js";
import { type Account, readAccount, readableAccount } from "../../ledger/account.js";
import { reanchored } from "../../ledger/plan-run.js";
import { recordMark } from "../../ledger/record-account.js";
import { recordStreamed } from "../../ledger/record-streamed.js";
import { requireKnownVersions } from "../../ledger/records.js";
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

/** Milliseconds; a healthy stack takes one second. */
export const savepointMs = 120_000;

/**
 * Stops the stream with a savepoint, from which `process-streaming` resumes, and records it, with what the stream has appended.
 *
 * @param cancel stops without a savepoint: the stream then resumes from its last checkpoint
 * @throws PipectlError (failed) `savepoint_failed` with the job's state, `stop_unrecorded`
 */
export async function stopStreaming(workspace: Workspace, cancel: boolean): Promise<StopResult> {
  return await exclusively(workspace, "run", async () => {
    const result = await stopStreams(workspace, cancel);
    if (!cancel && result.stopped.some(({ kind }) => kind === "bronze")) await recordStreamed(workspace);
    return result;
  });
}

/** Only for the owner of the lock "run", or of the stack. */
export async function stopStreams(
  workspace: Workspace,
  cancel: boolean,
  kinds: readonly StreamKind[] = streamKinds,
  more: Pick<StreamStop, "resumes"> = {},
): Promise<StopResult> {
  const { signal, report } = workspace;
  // Flink completes a stop that has begun, so Ctrl-C waits until it is recorded.
  const through = forCleanup(workspace);
  const stopped: StopResult["stopped"][number][] = [];
  const active = await activeStreams(workspace, kinds);
  if (active.length > 0) await requireRecordable(workspace);
  for (const { id, name, kind } of active) {
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
              ? "pipectl process-streaming counts the rows that it has appended, and resumes at the next offset"
              : "pipectl process-streaming --silver resumes from its last checkpoint, or starts without it",
          cause: error,
        },
      );
    });
    stopped.push({ id, name, kind, savepoint });
  }
  return { stopped };
}

/**
 * A stop that cannot be recorded would lose the path of its savepoint. Without the catalog nobody knows; then the stream is stopped
 * all the same.
 *
 * @throws PipectlError (failed) `state_newer`
 */
async function requireRecordable(workspace: Workspace): Promise<void> {
  await requireKnownVersions(workspace).catch((error) => {
    if (!(error instanceof PipectlError) || error.code === "state_newer") throw error;
  });
}

async function recordStop(workspace: Workspace, job: string, stopped: StreamStop): Promise<void> {
  const { bronze, dlq } = await loadTables(workspace.catalog, workspace.dataset);
  const stream = readableAccount(bronze)?.stream;
  // Only a savepoint of the account's newest job may be resumed from.
  if (bronze === undefined || stream === undefined || stream.jobs.at(-1) !== job) return;
  await recordMark(workspace, bronze, { ...stream, stopped }, await anchorsOf(workspace, bronze, dlq));
}

/** None where the tables are not as the stream left them: they are counted then. */
async function anchorsOf(
  workspace: Workspace,
  bronze: Table,
  dlq: Table | undefined,
): Promise<Pick<Account, "anchors">> {
  try {
    const account = readAccount(bronze, dlq);
    return account === undefined ? {} : await reanchored(workspace, account);
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return {};
  }
}

async function recordSilverStop(workspace: Workspace, job: string, stopped: StreamStop): Promise<void> {
  const { catalog, dataset } = workspace;
  const silver = await catalog.table(dataset.tables.silver);
  const state = silver === undefined ? undefined : trustedState(silver, dataset);
  if (silver === undefined || state?.stream?.jobs.at(-1) !== job) return;
  await recordSilver(workspace, silver, { ...state, stream: { ...state.stream, stopped } });
}
