import type { RetainedCheckpoint } from "./runtime.js";

/**
 * The checkpoints of one job among file paths, named as Flink does: `<job>/chk-<number>/_metadata`. A checkpoint without that
 * file was never completed. Newest first.
 *
 * @param base URI of Flink's checkpoint folder
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
