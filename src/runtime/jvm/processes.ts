import { failed, PipectlError } from "../../core/errors.js";
import { run } from "../../core/exec.js";
import { poll } from "../../core/poll.js";

/** A JVM of this stack, from the process table. */
export interface StackProcess {
  readonly pid: number;
  /** `kafka`, `taskmanager-1`, … */
  readonly name: string;
  readonly memoryBytes: number;
}

/**
 * The first arguments of every JVM that pipectl starts. They identify a process in the process table. A pid file goes stale,
 * and its number may belong to another program by then. The path is URI-encoded, because `ps` does not show other characters
 * than ASCII reliably.
 */
export function marker(name: string, stateDir: string): string[] {
  return [`-Dpipectl.service=${name}`, `-Dpipectl.home=${encodeURI(stateDir)}`];
}

/** The running JVMs of the stack with its state in `stateDir`. Works on Linux and macOS. */
export async function stackProcesses(stateDir: string): Promise<StackProcess[]> {
  const result = await run("ps", ["-axww", "-o", "pid=,rss=,stat=,args="], { timeoutMs: 10_000 });
  if (result.exitCode !== 0) throw failed("ps_failed", `ps failed: ${result.stderr}`);
  const found: StackProcess[] = [];
  for (const line of result.stdout.split("\n")) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s.*? -Dpipectl\.service=(\S+) -Dpipectl\.home=(\S+) @/.exec(
      line,
    );
    // A zombie (Z) has ended; its parent has just not noticed yet.
    if (match === null || match[5] !== encodeURI(stateDir) || match[3]?.startsWith("Z")) continue;
    found.push({ pid: Number(match[1]), memoryBytes: Number(match[2]) * 1024, name: match[4] as string });
  }
  return found;
}

/** Ends processes of the stack: sends SIGTERM, waits up to `graceMs`, then sends SIGKILL. Returns when they have ended. */
export async function stopProcesses(
  stateDir: string,
  processes: readonly StackProcess[],
  signal: AbortSignal,
  graceMs = 15_000,
): Promise<void> {
  const pids = new Set(processes.map((process) => process.pid));
  const left = async () => (await stackProcesses(stateDir)).filter((process) => pids.has(process.pid));
  const send = (targets: readonly StackProcess[], name: "SIGTERM" | "SIGKILL") => {
    for (const { pid } of targets) {
      try {
        process.kill(pid, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
    }
  };
  const gone = async (timeoutMs: number) =>
    await poll(async () => ((await left()).length === 0 ? true : undefined), {
      what: "the services to end",
      timeoutMs,
      signal,
    });
  send(processes, "SIGTERM");
  try {
    await gone(graceMs);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PipectlError) || error.code !== "timeout") throw error;
    send(await left(), "SIGKILL");
    await gone(5_000);
  }
}
