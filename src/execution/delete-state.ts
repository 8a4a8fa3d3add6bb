import type { StreamMark } from "../lake/stream-mark.js";
import type { Needs } from "../workspace/workspace.js";

/**
 * Has Flink delete the state that no stream can go on from any more, so that checkpoints and savepoints do not pile up with
 * each crash and each stop. What the new job took over stays until the next one starts. It costs disk space when
 * it fails, and nothing else.
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
  // The checkpoints of one job share files: none of them goes while one is needed.
  const ended = jobs.filter((job) => takenOver?.includes(job) !== true);
  try {
    const checkpoints = await Promise.all(ended.map((job) => runtime.checkpoints(job)));
    const paths = [...checkpoints.flat().map(({ path }) => path), restored, stopped?.savepoint];
    for (const path of new Set(paths)) if (path != null && path !== takenOver) await flink.disposeState(path);
  } catch {
    // Whatever stays is deleted by a later start, or by `down --volumes`.
  }
}
