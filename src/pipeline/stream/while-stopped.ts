import { PipectlError } from "../../core/errors.js";
import { requirePublished } from "../account.js";
import { endLeftovers } from "../leftovers.js";
import { loadTables } from "../tables.js";
import type { Workspace } from "../workspace.js";
import { activeStreams, type StreamKind } from "./jobs.js";
import { requireStreamingMode, startStreams } from "./start.js";
import { stopStreams } from "./stop.js";

export interface Restarted {
  readonly kind: StreamKind;
  /** Of its new job. */
  readonly id: string;
}

/**
 * Does what no stream may be at work for: stops the dataset's streams with a savepoint, and starts those again that ran, also
 * after a failure. Only for the owner of the lock "run".
 *
 * @throws PipectlError (usage) `mode` before anything has changed, when a stream runs and MODE is not its own
 */
export async function whileStopped<T>(
  workspace: Workspace,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly restarted: readonly Restarted[] }> {
  await endLeftovers(workspace);
  const running = await activeStreams(workspace);
  if (running.length > 0) requireStreamingMode(workspace);
  requirePublished(await loadTables(workspace.catalog, workspace.dataset));
  if (running.length === 0) return { result: await work(), restarted: [] };
  const silver = running.some(({ kind }) => kind === "silver");
  await stopStreams(workspace, false);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await begin(workspace, silver).catch(({ message }) =>
      workspace.report({ type: "warning", text: String(message) }),
    );
    throw error;
  }
  return { result, restarted: await begin(workspace, silver) };
}

async function begin(workspace: Workspace, silver: boolean): Promise<Restarted[]> {
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
    throw new PipectlError(kind, code, `the stream was stopped and has not begun again: ${message}`, {
      hint: `pipectl process-streaming${silver ? " --silver" : ""}`,
      cause: error,
    });
  }
}
