import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { failed } from "../core/errors.js";
import { run } from "../core/exec.js";
import type { Workspace } from "./workspace.js";

interface Owner {
  readonly pid: number;
  /** When it came, in milliseconds since 1970. */
  readonly since: number;
}

/**
 * Runs `action` while no other run of this stack does: two at once would drop each other's branches.
 *
 * Who wants in first puts up a file that nobody else can have, and then looks for those of others. So of two that come at
 * once at least one sees the other, and the file of a dead owner can be removed without taking anybody else's.
 *
 * @throws PipectlError (failed) `busy` that says who is at work
 */
export async function exclusively<T>(workspace: Workspace, action: () => Promise<T>): Promise<T> {
  const folder = join(workspace.runtime.home, "runs");
  await mkdir(folder, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const file = `process-${process.pid}-${Date.now()}-${randomBytes(3).toString("hex")}.lock`;
    const path = join(folder, file);
    await writeFile(path, "", { flag: "wx" });
    try {
      const other = await otherAtWork(folder, file);
      if (other === undefined) return await action();
      if (attempt === attempts) {
        throw failed(
          "busy",
          `another run is at work: process ${other.pid}, since ${new Date(other.since).toISOString()}`,
          { hint: "wait for it; pipectl jobs shows what it does" },
        );
      }
    } finally {
      await rm(path, { force: true });
    }
    // Two that came at once have both stepped back, and shall not meet again.
    await delay(20 + Math.random() * 80, undefined, { signal: workspace.signal });
  }
}

const attempts = 4;

/** Somebody else who is at work; removes the files of all who are dead, whoever is found alive. */
async function otherAtWork(folder: string, mine: string): Promise<Owner | undefined> {
  let other: Owner | undefined;
  for (const file of await readdir(folder)) {
    const [, pid, since] = /^process-(\d+)-(\d+)-[0-9a-f]+\.lock$/.exec(file) ?? [];
    if (pid === undefined || file === mine) continue;
    const owner = { pid: Number(pid), since: Number(since) };
    if (await isAtWork(owner)) other = owner;
    else await rm(join(folder, file), { force: true });
  }
  return other;
}

/** True when the process lives, and is not another one that was given the same number later. */
async function isAtWork({ pid, since }: Owner): Promise<boolean> {
  const { exitCode, stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)], {
    env: { LC_ALL: "C" },
    timeoutMs: 10_000,
  });
  if (exitCode !== 0) return false;
  // Whole seconds, and a clock that was set by a little, leave some room.
  const started = Date.parse(stdout.trim());
  return Number.isNaN(started) || started <= since + 5_000;
}
