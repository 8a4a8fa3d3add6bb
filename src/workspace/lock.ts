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
  const start = await startOf(process.pid);
  for (let attempt = 1; ; attempt++) {
    const file = `${process.pid}-${Date.now()}-${randomBytes(3).toString("hex")}.lock`;
    const path = join(folder, file);
    held.add(path);
    await writeFile(path, `${self}\n${here()}\n${start}`, { flag: "wx", mode: 0o600 });
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

/** What the file of a lock says of its owner. Lines that an earlier version did not write are missing. */
interface Claim {
  /** Command line. */
  readonly args: string;
  /** Of the process id: see `here`. */
  readonly where: string;
  /** See `startOf`. */
  readonly start: string;
}

/** A file among the locks of a stack that nobody holds. */
export interface StrangeLock {
  readonly path: string;
  readonly why: string;
}

/** Files in the places of locks that were not written by pipectl, or whose owner is gone. A process that is alive loses none. */
export async function strangeLocks({ runtime }: Needs<"runtime">): Promise<StrangeLock[]> {
  const found: StrangeLock[] = [];
  for (const work of Object.keys(works)) {
    const folder = join(runtime.home, "locks", work);
    for (const file of existsSync(folder) ? await readdir(folder) : []) {
      const path = join(folder, file);
      const pid = nameOfLock.exec(file)?.[1];
      const why = pid === undefined ? "it has another name than a lock" : await whyStrange(path, Number(pid));
      if (why !== undefined && existsSync(path)) found.push({ path, why });
    }
  }
  return found;
}

/** Takes such a file away, whatever it is. */
export const removeLock = async ({ path }: StrangeLock): Promise<void> =>
  await rm(path, { recursive: true, force: true });

const nameOfLock = /^(\d+)-(\d+)-[0-9a-f]+\.lock$/;

/** Another process that holds a lock, if any. Removes what nobody holds. */
async function otherAtWork(folder: string, mine: string): Promise<Owner | undefined> {
  let other: Owner | undefined;
  for (const file of await readdir(folder)) {
    const [, pid, since] = nameOfLock.exec(file) ?? [];
    if (pid === undefined || file === mine) continue;
    const path = join(folder, file);
    const why = await whyStrange(path, Number(pid));
    if (why === undefined) other = { pid: Number(pid), since: Number(since) };
    else await removeLock({ path, why });
  }
  return other;
}

/**
 * The command line of a process; undefined when it does not run. Process ids are reused, and the command line tells whether this is
 * still the same process.
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

/**
 * When a process started, in ticks since the machine did: nobody can set that clock. With the same command line, only this tells
 * a process from one that has got its id. Empty where the system does not say.
 */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The name of the program comes before, in brackets, and may hold anything.
  const ticks = stat.slice(stat.lastIndexOf(")") + 1).split(" ")[20] ?? "";
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  return ticks === "" ? "" : `${ticks} ${boot.trim()}`;
}

/** @returns undefined for a file that a process holds which runs, or that was touched a moment ago */
async function whyStrange(path: string, pid: number): Promise<string | undefined> {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) return "it is gone";
  if (!file.isFile()) return "it is no file";
  // A file from the future would never grow old.
  const isYoung = Math.abs(Date.now() - file.mtimeMs) < deadAfterMs;
  const text = await readFile(path, "utf8").catch(() => "");
  // Its owner may not have written it yet.
  if (text === "" && !isYoung) return "it is empty, and was not touched for a minute";
  const [args = "", where = here(), start = ""] = text.split("\n");
  const claim: Claim = { args, where, start };
  if (where !== here())
    return isYoung
      ? undefined
      : `its owner, process ${pid} elsewhere (${printable(where)}), gave no sign of life for a minute`;
  return await whyNotOwner(path, pid, claim);
}

async function whyNotOwner(path: string, pid: number, { args, start }: Claim): Promise<string | undefined> {
  // Our own id, but not a file of ours: an earlier process had the same id.
  if (pid === process.pid) return held.has(path) ? undefined : `process ${pid} was another one`;
  const now = await argumentsOf(pid);
  if (now === undefined) return `process ${pid} is gone`;
  const isOther = (args !== "" && args !== now) || (start !== "" && start !== (await startOf(pid)));
  return isOther ? `process ${pid} is another one by now` : undefined;
}

const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
