import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Script } from "node:vm";

/**
 * V8's code cache of the program, one for each command. The first run of a command compiles, later runs read the cache. Compiling
 * took a quarter of the time of a quick command (docs/performance.md). Node 22 has `module.enableCompileCache` for this; Node 20
 * does not.
 *
 * V8 refuses a cache of another version or source; the next successful run then writes a new one. The cache lies beside the program
 * and is deleted with it by the next build.
 */
export function codeCache(folder: string, words: readonly string[]) {
  const command = words.find((word) => /^[a-z][a-z-]*$/.test(word)) ?? "help";
  const file = join(folder, `${command}-${process.version}`);
  return {
    read(): Buffer | undefined {
      try {
        return readFileSync(file);
      } catch {
        return undefined;
      }
    },
    /** Saves what a run has compiled, unless it was read from the cache. Where nothing can be written, nothing is saved. */
    keep(script: Script): void {
      if (script.cachedDataRejected === false) return;
      const fresh = `${file}.${process.pid}`;
      try {
        mkdirSync(folder, { recursive: true });
        writeFileSync(fresh, script.createCachedData());
        renameSync(fresh, file);
      } catch {
        try {
          rmSync(fresh, { force: true });
        } catch {
          // There is not even a folder to write to.
        }
      }
    },
  };
}
