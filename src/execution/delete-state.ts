import type { StreamMark } from "../lake/stream-mark.js";
import type { Needs } from "../workspace/workspace.js";

/**
 * Has Flink delete checkpoints and savepoints that no stream can resume from any more, so that they do not pile up with each crash
 * and each stop. The state that the new job took over stays until the next start. When the deletion fails, it costs disk space
 * and nothing else.
 *
 * @param mark of the stream before
 * @param takenOver path of the state that a new job goes on from; undefined when the tables hold all
 */
export async function deleteOldState(
  { flink, runtime }: Needs<"runtime" | "flink">,
  mark: StreamMark | undefined,
  takenOver?: string,
): Promise<void> {
  if (mark === undefined) return;
  const { jobs, restored, stopped } = mark;
  // The checkpoints of one job share files, so all of them stay while one is needed.
  const ended = jobs.filter((job) => takenOver?.includes(job) !== true);
  try {
    const checkpoints = await Promise.all(ended.map((job) => runtime.checkpoints(job)));
    const paths = [...checkpoints.flat().map(({ path }) => path), restored, stopped?.savepoint];
    for (const path of new Set(paths)) if (path != null && path !== takenOver) await flink.disposeState(path);
  } catch {
    // A later start deletes what is left, or `down --volumes` does.
  }
}
