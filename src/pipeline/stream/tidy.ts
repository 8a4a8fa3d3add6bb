import type { StreamMark } from "../account.js";
import type { Workspace } from "../workspace.js";
import type { Start } from "./resume.js";

/**
 * Has Flink delete the state that no stream can go on from any more, so that checkpoints and savepoints do not pile up with
 * each crash and each stop. What the new job took over stays until the next one starts. It costs disk space when
 * it fails, and nothing else.
 *
 * @param mark of the stream before
 */
export async function tidy(
  { flink, runtime }: Workspace,
  mark: StreamMark | undefined,
  start: Start,
): Promise<void> {
  if (mark === undefined) return;
  const { jobs, restored, stopped } = mark;
  const kept = start.from === "state" ? start.path : undefined;
  // The newest job's checkpoints are what was taken over, or what a person would go back to.
  const ended = start.from === "state" ? jobs.slice(0, -1) : jobs;
  try {
    const checkpoints = await Promise.all(ended.map((job) => runtime.checkpoints(job)));
    const paths = [...checkpoints.flat().map(({ path }) => path), restored, stopped?.savepoint];
    for (const path of new Set(paths)) if (path != null && path !== kept) await flink.disposeState(path);
  } catch {
    // Whatever stays is deleted by a later start, or by `down --volumes`.
  }
}
