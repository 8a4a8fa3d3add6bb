import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { failed } from "../core/errors.js";
import type { Workspace } from "./workspace.js";

/**
 * Runs `action` while no other run of this stack does: two at once would drop each other's branches.
 * A lock whose owner is dead is taken over.
 *
 * @throws PipectlError (failed) `busy` that says who is at work
 */
export async function exclusively<T>(workspace: Workspace, action: () => Promise<T>): Promise<T> {
  const folder = join(workspace.runtime.home, "runs");
  const path = join(folder, "process.lock");
  await mkdir(folder, { recursive: true });
  for (;;) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(JSON.stringify({ pid: process.pid, since: new Date().toISOString() }));
      await file.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = await ownerOf(path);
      if (owner !== undefined && isAlive(owner.pid)) {
        throw failed("busy", `another run is at work: process ${owner.pid}, since ${owner.since}`, {
          hint: "wait for it; pipectl jobs shows what it does",
        });
      }
      await rm(path, { force: true });
    }
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

/** Undefined for a lock that was cut short while it was written. */
async function ownerOf(path: string): Promise<{ pid: number; since: string } | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
