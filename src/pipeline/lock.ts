import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failed } from "../core/errors.js";
import { run } from "../core/exec.js";
import type { Workspace } from "./workspace.js";

interface Owner {
  readonly pid: number;
  /** When it took the lock, ISO 8601. */
  readonly since: string;
}

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
  while (!(await take(path))) {
    const owner = await ownerOf(path);
    if (owner === undefined) continue;
    if (await isAtWork(owner)) {
      throw failed("busy", `another run is at work: process ${owner.pid}, since ${owner.since}`, {
        hint: "wait for it; pipectl jobs shows what it does",
      });
    }
    await removeStale(path);
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

/** A name that nobody else uses, in the same folder. */
const besides = (path: string) => `${path}.${process.pid}-${randomBytes(3).toString("hex")}`;

/** Makes the lock with its content in one step: nobody ever sees one without an owner. False when there is one. */
async function take(path: string): Promise<boolean> {
  const draft = besides(path);
  const owner: Owner = { pid: process.pid, since: new Date().toISOString() };
  await writeFile(draft, JSON.stringify(owner));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Of several that find the same dead owner, one gets the file; what proves to be a newer lock is put back. */
async function removeStale(path: string): Promise<void> {
  const aside = besides(path);
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const owner = await ownerOf(aside);
  if (owner !== undefined && (await isAtWork(owner))) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

/** Undefined when there is no lock any more. One that cannot be read was cut short by a machine that went down. */
async function ownerOf(path: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return { pid: 0, since: "", ...(JSON.parse(text) as Owner | null) };
  } catch {
    return { pid: 0, since: "" };
  }
}

/** True when the process lives, and is not another one that was given the same number later. */
async function isAtWork({ pid, since }: Owner): Promise<boolean> {
  if (pid <= 0) return false;
  const { exitCode, stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)], {
    env: { LC_ALL: "C" },
    timeoutMs: 10_000,
  });
  if (exitCode !== 0) return false;
  // Whole seconds, and a clock that was set by a little, leave some room.
  const started = Date.parse(stdout.trim());
  return Number.isNaN(started) || started <= Date.parse(since) + 5_000;
}
