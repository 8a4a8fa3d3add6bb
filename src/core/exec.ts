import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { failed, type PipectlError, systemError, unavailable } from "./errors.js";

/** Variables of an environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Of an environment, the variables with a value whose names match. */
export function variables(environment: Environment, names: RegExp): Record<string, string> {
  const chosen = Object.entries(environment).filter(([name, value]) => names.test(name) && value);
  return Object.fromEntries(chosen) as Record<string, string>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end and returns its output, whatever its exit code.
 *
 * @throws PipectlError (unavailable) `program_missing` when it is not on PATH, `program_timeout` when it takes too long,
 *   `no_file_descriptors` when none are left for its pipes
 */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  // Loaded on demand: for a quick command like check-lag it would be the slowest module to load.
  const { execa } = await import("execa");
  const result = await withPipes(file, () =>
    execa(file, args, {
      reject: false,
      stdin: "ignore",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
      ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    }),
  );
  options.signal?.throwIfAborted();
  if (result.timedOut) {
    throw unavailable("program_timeout", `${file} did not end within ${options.timeoutMs} ms`);
  }
  if (result.signal !== undefined) {
    throw failed("program_killed", `${file} was ended by ${result.signal}: ${result.stderr.slice(-300)}`);
  }
  if (result.exitCode === undefined) throw notStarted(file, result.cause ?? result);
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** When no file descriptors are left for a child's pipes, Node returns a child without `stdio`, on which execa fails. */
function withPipes<Child>(file: string, start: () => Child): Child {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof TypeError && error.message.includes("stdio"))) throw error;
    throw systemError(Object.assign(error, { code: "EMFILE", path: file }));
  }
}

export interface DetachedProcess {
  /** Undefined when the program could not be started; `ended` then says why. */
  readonly pid: number | undefined;
  /** Settles when the process ends while we are still here: its exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/**
 * Starts a program that outlives this process, in a process group of its own, so that Ctrl-C in this terminal does not reach it. Its
 * output goes to `outputFile`, which is overwritten.
 */
export function startDetached(
  file: string,
  args: readonly string[],
  options: {
    readonly outputFile: string;
    readonly cwd: string;
    /** The whole environment of the program. */
    readonly env: Environment;
    /** The name that the process table shows. */
    readonly shownAs?: string;
  },
): DetachedProcess {
  const output = openSync(options.outputFile, "w", 0o600);
  // Not execa, which would pipe the output through this process: the program would lose it when this process ends.
  const child = spawn(file, args, {
    cwd: options.cwd,
    detached: true,
    stdio: ["ignore", output, output],
    env: options.env,
    ...(options.shownAs === undefined ? {} : { argv0: options.shownAs }),
  });
  closeSync(output);
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
    child.once("error", (error) => reject(notStarted(file, error)));
  });
  // The wait for readiness looks at this promise. When nobody does, it must not become an unhandled rejection.
  ended.catch(() => {});
  child.unref();
  return { pid: child.pid, ended };
}

export interface Dialogue {
  /** Sends one line (or more) to the program's standard input. */
  write(text: string): void;
  /** The program's output, standard output and error together, line by line. */
  readonly lines: AsyncIterable<string>;
  /** Closes the program's input and waits for its end; the exit code, or undefined when a signal ended it. */
  end(): Promise<number | undefined>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** A program to talk to, and how it is started; see `startDialogue`. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a program to talk to, line by line. It ends with this process at the latest.
 *
 * @throws PipectlError (unavailable) `no_file_descriptors` when none are left for its pipes
 */
export async function startDialogue(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Dialogue> {
  const { execa } = await import("execa");
  const child = withPipes(file, () =>
    execa(file, args, {
      cwd: options.cwd,
      env: options.env,
      all: true,
      buffer: false,
      reject: false,
      stdin: "pipe",
      // A process group of its own: pipectl handles Ctrl-C, and the program must not cancel its job by itself.
      detached: true,
      cleanup: true,
    }),
  );
  // A write after the program's end causes EPIPE on this stream. The end itself is noticed when its lines end.
  child.stdin?.on("error", () => {});
  return {
    write: (text) => void child.stdin?.write(text),
    lines: child.iterable({ from: "all" }) as AsyncIterable<string>,
    end: async () => {
      child.stdin?.end();
      return (await child).exitCode;
    },
    kill: (signal) => void child.kill(signal),
  };
}

function notStarted(file: string, cause: unknown): PipectlError {
  const missing = (cause as { code?: string } | undefined)?.code === "ENOENT";
  return unavailable(
    missing ? "program_missing" : "program_failed",
    missing ? `${file} is not on PATH` : `${file} could not be started`,
    { hint: "pipectl doctor", cause },
  );
}
