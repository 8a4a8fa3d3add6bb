import { messageOf, PipectlError } from "../../core/errors.js";
import { endLeftovers } from "../../execution/leftovers.js";
import { activeStreams, type StreamKind, streamKinds } from "../../execution/stream-jobs.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { readableAccount } from "../../ledger/account.js";
import { finishPublication } from "../../ledger/publication.js";
import { damagedRecords } from "../../ledger/records.js";
import { readableSilver } from "../../ledger/silver-state.js";
import { forCleanup, type Workspace } from "../../workspace/workspace.js";
import { requireStreamingMode, startStreams } from "./start.js";
import { stopStreams } from "./stop.js";

export interface Restarted {
  readonly kind: StreamKind;
  /** Id of its new job. */
  readonly id: string;
}

/**
 * Does work that needs stopped streams: stops the dataset's streams with a savepoint, and starts those that ran again
 * afterwards, also after a failure or Ctrl-C. If the call is killed, the recorded stops say that the streams should resume:
 * the next call starts them, and until then `validate` fails. Only for the owner of the lock "run".
 *
 * @throws PipectlError (usage) `mode` before anything has changed, when a stream runs and MODE is not streaming_bronze
 */
export async function whileStopped<T>(
  workspace: Workspace,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly restarted: readonly Restarted[] }> {
  await endLeftovers(workspace);
  const tables = await loadTables(workspace.catalog, workspace.dataset);
  damagedRecords(tables);
  if (tables.bronze !== undefined && tables.dlq !== undefined)
    await finishPublication(workspace, { bronze: tables.bronze, dlq: tables.dlq });
  const running = await activeStreams(workspace);
  const kinds = streamKinds.filter(
    (kind) => running.some((one) => one.kind === kind) || markOf(kind, tables)?.stopped?.resumes === true,
  );
  if (kinds.length === 0) return { result: await work(), restarted: [] };
  requireStreamingMode(workspace);
  // The streams ran before this command, so they are started again however it ends.
  const through = forCleanup(workspace);
  let result: T;
  try {
    await stopStreams(workspace, false, streamKinds, { resumes: true });
    result = await work();
  } catch (error) {
    await begin(through, kinds).catch((cause) =>
      workspace.report({ type: "warning", text: messageOf(cause) }),
    );
    throw error;
  }
  return { result, restarted: await begin(through, kinds) };
}

const markOf = (kind: StreamKind, { bronze, silver }: Partial<Tables>) =>
  kind === "bronze" ? readableAccount(bronze)?.stream : readableSilver(silver)?.stream;

async function begin(workspace: Workspace, kinds: readonly StreamKind[]): Promise<Restarted[]> {
  const silver = kinds.includes("silver");
  const options = { acceptLoss: false, fromTables: false, latest: false, waitCheckpoint: false, silver };
  try {
    const started = await startStreams(workspace, options);
    return [
      { kind: "bronze", id: started.job.id },
      ...(started.silver === undefined ? [] : [{ kind: "silver" as const, id: started.silver.job.id }]),
    ];
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    const { kind, code, message } = error;
    throw new PipectlError(kind, code, `the stream was stopped and could not be started again: ${message}`, {
      hint: `pipectl process-streaming${silver ? " --silver" : ""}`,
      cause: error,
    });
  }
}
