import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../core/new-file.js";
import { underNameOfNow } from "../../dataset/incarnation.js";
import { manifestUnderNamesOfNow } from "../../dataset/rewrite-manifest.js";
import type { Needs } from "../../workspace/workspace.js";
import { loadMarts } from "../marts/mart.js";

/**
 * Puts the names of now into the manifest and the marts of the dataset, and changes nothing else of them.
 *
 * @returns the files that were written
 * @throws PipectlError (failed) `manifest_not_rewritten` before any file is; (unavailable) `file_not_written`
 */
export async function rewriteFiles({ config, dataset }: Needs<"config" | "dataset">): Promise<string[]> {
  const manifest = manifestUnderNamesOfNow(dataset.path);
  const marts = loadMarts(config.root, dataset)
    .filter(({ notes }) => notes.length > 0)
    .map(({ file }): [string, string] => {
      const path = join(config.root, file);
      return [path, underNameOfNow(readFileSync(path, "utf8"))];
    });
  const files = [...(manifest === undefined ? [] : [[dataset.path, manifest] as [string, string]]), ...marts];
  for (const [path, text] of files) await replaceFile(path, text);
  return files.map(([path]) => path);
}
