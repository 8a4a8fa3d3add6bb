import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Disk } from "../runtime.js";

/** The depth of a table's files: data/warehouse/NAMESPACE/TABLE/data. */
const depth = 5;

/** The file systems of a folder and its subfolders, following links, because each of them may be a mount point. */
export async function disksBelow(folder: string): Promise<Disk[]> {
  const paths = new Map<number, string>();
  const look = async (path: string, level: number): Promise<void> => {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isDirectory()) return;
    if (!paths.has(found.dev)) paths.set(found.dev, path);
    if (level === depth) return;
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      if (entry.isDirectory() || entry.isSymbolicLink()) await look(join(path, entry.name), level + 1);
    }
  };
  await look(folder, 0);
  return await Promise.all(
    [...paths.values()].map(async (path) => {
      const { bavail, bsize } = await statfs(path);
      return { path, freeBytes: bavail * bsize };
    }),
  );
}
