import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Script } from "node:vm";

/**
 * V8's code cache of the program, one for each command: what its first run had to compile, the next ones read. Compiling
 * was a quarter of the time of a quick command (docs/performance.md). Node 22 has `module.enableCompileCache` for
 * it, Node 20 has not.
 *
 * V8 refuses a cache of another version or of another source; the next run that ends well then makes a new one. It lies
 * beside the program and goes with it when that is built anew.
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
    /** Keeps what a run has compiled, unless it came from here. Where nothing can be written, nothing is kept. */
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
          // Not even a folder to have written into.
        }
      }
    },
  };
}
