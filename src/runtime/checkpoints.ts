import type { RetainedCheckpoint } from "./runtime.js";

/**
 * The checkpoints of one job among paths of files, as Flink names them: `<job>/chk-<number>/_metadata`. One without that
 * file was never completed. The newest first.
 *
 * @param base URI of Flink's folder of checkpoints
 */
export function checkpointsAmong(
  paths: readonly string[],
  base: string,
  job: string,
): readonly RetainedCheckpoint[] {
  return paths
    .flatMap((path) => /(?:^|\/)chk-(\d+)\/_metadata$/.exec(path)?.[1] ?? [])
    .map((id) => ({ id: Number(id), path: `${base}/${job}/chk-${id}` }))
    .sort((a, b) => b.id - a.id);
}
