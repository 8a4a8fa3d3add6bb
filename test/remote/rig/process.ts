import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { poll } from "../../../src/core/poll.js";
import { lastWords } from "../../../src/runtime/startup.js";

export interface Server {
  /** Ends it at once; what it was writing is of no use to anybody. */
  stop(): Promise<void>;
}

export interface ServerProcess extends Server {
  readonly child: ChildProcess;
  /** Everything that it has printed. */
  output(): Promise<string>;
}

/**
 * Runs a program that ends with us, however we end: the shell that becomes the program leaves a watcher behind, whose
 * pipe closes when we are gone. A line in the pipe tells the watcher that the program ended by itself.
 */
const untilWeEnd = 'sh -c "read -r _ <&3 || kill -9 $$" & exec "$@" 3<&-';

export function startProcess(
  folder: string,
  name: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ServerProcess {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.out`);
  const out = openSync(file, "w", 0o600);
  const child = spawn("sh", ["-c", untilWeEnd, "rig", ...command], {
    cwd: folder,
    stdio: ["ignore", out, out, "pipe"],
    env: { ...process.env, ...env },
  });
  closeSync(out);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const watcher = child.stdio[3] as NodeJS.WritableStream;
  watcher.on("error", () => {});
  child.once("exit", () => watcher.end("\n"));
  return {
    child,
    output: () => readFile(file, "utf8"),
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Waits until `look` returns something; a process that dies meanwhile ends the wait with its last words. */
export async function ready<T>(
  name: string,
  started: ServerProcess,
  look: () => Promise<T | undefined>,
): Promise<T> {
  try {
    return await poll(
      async () => {
        const { exitCode, signalCode } = started.child;
        if (exitCode !== null || signalCode !== null)
          throw new Error(`${name} ended (${exitCode ?? signalCode}):\n${lastWords(await started.output())}`);
        return await look().catch(() => undefined);
      },
      { what: name, timeoutMs: 90_000, signal: new AbortController().signal },
    );
  } catch (error) {
    await started.stop();
    throw error;
  }
}

/** True as soon as the address answers HTTP at all, with whatever status. */
export async function answersHttp(url: string): Promise<true | undefined> {
  await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return true;
}
