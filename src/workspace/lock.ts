import { randomBytes } from "node:crypto";
import { existsSync, readlinkSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { failed } from "../core/errors.js";
import { run } from "../core/exec.js";
import type { Needs } from "./workspace.js";

interface Owner {
  readonly pid: number;
  /** When it came, in milliseconds since 1970. */
  readonly since: number;
}

/** Work that only one pipectl may do at a time, and what the second one is told. */
const works = {
  /** Two runs would drop each other's branches. */
  run: { is: "another run is at work", hint: "wait for it; pipectl jobs shows what it does" },
  /** Two starts would take each other's ports, and each would stop what it has started. */
  stack: { is: "the stack is being started or stopped", hint: "wait for it, then: pipectl status" },
  /** Two would drop each other's scratch tables. */
  "warm-up": { is: "another warm-up is at work", hint: "wait for it" },
} as const;

/**
 * Runs `action` while nobody else does the same kind of work on this stack.
 *
 * Each process first creates a lock file with a unique name, and then looks for those of others. So when two come at the same time,
 * at least one sees the other. The file of a dead process can be removed without touching anybody else's.
 *
 * @throws PipectlError (failed) `busy` that says who is at work
 */
export async function exclusively<T>(
  workspace: Needs<"runtime" | "signal">,
  work: keyof typeof works,
  action: () => Promise<T>,
): Promise<T> {
  // Not beside the run records: `down --volumes` deletes those while others may hold a lock.
  const folder = join(workspace.runtime.home, "locks", work);
  await mkdir(folder, { recursive: true });
  const self = (await argumentsOf(process.pid)) ?? "";
  for (let attempt = 1; ; attempt++) {
    const file = `${process.pid}-${Date.now()}-${randomBytes(3).toString("hex")}.lock`;
    const path = join(folder, file);
    held.add(path);
    await writeFile(path, `${self}\n${here()}`, { flag: "wx", mode: 0o600 });
    const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), beatMs).unref();
    try {
      const other = await otherAtWork(folder, file);
      if (other === undefined) return await action();
      if (attempt === attempts) {
        throw failed(
          "busy",
          `${works[work].is}: process ${other.pid}, since ${new Date(other.since).toISOString()}`,
          { hint: works[work].hint },
        );
      }
    } finally {
      clearInterval(beat);
      held.delete(path);
      await rm(path, { force: true });
    }
    // Two that came at the same time have both stepped back. A random pause keeps them from meeting again.
    await delay(20 + Math.random() * 80, undefined, { signal: workspace.signal });
  }
}

/** True while somebody does such work on this stack. */
export async function isAtWorkOn({ runtime }: Needs<"runtime">, work: keyof typeof works): Promise<boolean> {
  const folder = join(runtime.home, "locks", work);
  return existsSync(folder) && (await otherAtWork(folder, "")) !== undefined;
}

const attempts = 4;

/** The scope of a process id: this machine and, in a container, its pid namespace. */
const here = () => {
  const numbering = existsSync("/proc/self/ns/pid") ? readlinkSync("/proc/self/ns/pid") : "";
  return `${hostname()} ${numbering}`;
};

/** A sign of life for processes that cannot see this one, such as a container on the same volume. */
const beatMs = 10_000;
const deadAfterMs = 60_000;

/** Lock files that this process holds. */
const held = new Set<string>();

/** Another process that holds a lock, if any. Removes the files of dead processes. */
async function otherAtWork(folder: string, mine: string): Promise<Owner | undefined> {
  let other: Owner | undefined;
  for (const file of await readdir(folder)) {
    const [, pid, since] = /^(\d+)-(\d+)-[0-9a-f]+\.lock$/.exec(file) ?? [];
    if (pid === undefined || file === mine) continue;
    const owner = { pid: Number(pid), since: Number(since) };
    if (await isAtWork(join(folder, file), owner.pid)) other = owner;
    else await rm(join(folder, file), { force: true });
  }
  return other;
}

/**
 * The command line of a process; undefined when it does not run. Process ids are reused, and the command line tells whether this is
 * still the same process. Start times would not: the clock can be set.
 */
async function argumentsOf(pid: number): Promise<string | undefined> {
  // The `ps` of a small container image knows neither option.
  if (existsSync("/proc/self/cmdline"))
    return (
      (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ").trim() ||
      undefined
    );
  const { exitCode, stdout } = await run("ps", ["-o", "args=", "-p", String(pid)], { timeoutMs: 10_000 });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** True when the process runs and is the one that wrote the file. A file that is still empty counts as its owner's. */
async function isAtWork(path: string, pid: number): Promise<boolean> {
  const [then = "", where = here()] = (await readFile(path, "utf8").catch(() => "")).split("\n");
  if (where !== here()) {
    const touched = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    return Date.now() - touched < deadAfterMs;
  }
  // Our own id, but not a file of ours: an earlier process had the same id.
  if (pid === process.pid) return held.has(path);
  const now = await argumentsOf(pid);
  return now !== undefined && (then === "" || then === now);
}
