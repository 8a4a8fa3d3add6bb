import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Changes when one of the files below `folder` does whose path matches. What was built is never among them. */
export async function fingerprint(folder: string, matching: RegExp): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => matching.test(path) && !relative(folder, path).split(sep).includes("target"))
    .sort();
  for (const path of files)
    hash
      .update(relative(folder, path))
      .update("\0")
      .update(await readFile(path));
  return hash.digest("hex").slice(0, 16);
}
