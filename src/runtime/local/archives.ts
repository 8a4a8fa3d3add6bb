import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../../core/exec.js";
import type { Java } from "../jvm/java.js";
import type { StackProcess } from "../jvm/processes.js";

/**
 * Class-data archives (JDK 13 and newer, `man java`: Class Data Sharing): what a JVM has loaded and verified, kept in a file
 * that the next start of the same service maps into memory. They halve the time of `up`.
 */

/** Within lib/, so that the archives are deleted together with the jars that they were made from. */
const folderOf = (stateDir: string) => join(stateDir, "lib", "cds");

/**
 * The name of a service's archive. An archive fits one class path, with each jar's size and time, and one build of Java.
 * Anything else gets another name, so that an archive that does not fit is never used.
 */
async function keyOf(service: string, java: Java, jars: readonly string[]): Promise<string> {
  const files = await Promise.all(
    jars.map(async (jar) => {
      const { size, mtimeMs } = await stat(jar);
      return `${jar} ${size} ${mtimeMs}`;
    }),
  );
  const hash = createHash("md5").update([java.version, ...files].join("\n"));
  return `${service}-${hash.digest("hex").slice(0, 16)}`;
}

/** The archive for that key. Its size is part of its name, because a JVM that maps a truncated file crashes. */
async function archiveOf(folder: string, key: string): Promise<string | undefined> {
  for (const file of await readdir(folder).catch(() => [])) {
    if (!file.startsWith(`${key}-`) || !file.endsWith(".jsa")) continue;
    const path = join(folder, file);
    if (file === nameOf(key, (await stat(path)).size)) return path;
  }
  return undefined;
}

const nameOf = (key: string, bytes: number) => `${key}-${bytes}.jsa`;

/** The JVM options to use a service's archive, or, without one, to record what an archive must hold. */
export async function archiveOptions(
  stateDir: string,
  service: string,
  java: Java,
  jars: readonly string[],
): Promise<string[]> {
  const archive = await archiveOf(folderOf(stateDir), await keyOf(service, java, jars));
  // Messages about an archive that does not fit do not help anybody: the JVM then starts without it.
  const silent = ["-Xshare:auto", "-Xlog:cds*=off"];
  if (archive === undefined) return [...silent, "-XX:+RecordDynamicDumpInfo"];
  // Without verification, an archive that is damaged inside ends the JVM with SIGABRT. Comparing the checksums of 100 MB
  // takes 0.1 s.
  return [...silent, "-XX:+VerifySharedSpaces", `-XX:SharedArchiveFile=${archive}`];
}

/**
 * Has a running JVM write its service's archive, if there is none. The JVM pauses for a second or two, and then continues.
 * Archives of older jars or another Java are removed.
 *
 * @returns false when there was one, or when it could not be made: a Java without `jcmd`, a process that has ended
 */
export async function recordArchive(
  stateDir: string,
  process: StackProcess,
  service: string,
  java: Java,
  jars: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const folder = folderOf(stateDir);
  const key = await keyOf(service, java, jars);
  if ((await archiveOf(folder, key)) !== undefined) return false;
  await mkdir(folder, { recursive: true });
  const fresh = join(folder, `${key}.${process.pid}.tmp`);
  const jcmd = java.file.includes("/") ? join(dirname(java.file), "jcmd") : "jcmd";
  try {
    const args = [String(process.pid), "VM.cds", "dynamic_dump", fresh];
    const { exitCode } = await run(jcmd, args, { timeoutMs: 60_000, signal });
    // A JVM that cannot dump prints the reason, and jcmd still ends with 0.
    if (exitCode !== 0 || !existsSync(fresh)) return false;
    for (const old of await readdir(folder)) {
      if (old.startsWith(`${service}-`) && join(folder, old) !== fresh)
        await rm(join(folder, old), { force: true });
    }
    await rename(fresh, join(folder, nameOf(key, (await stat(fresh)).size)));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    await rm(fresh, { force: true });
  }
}
