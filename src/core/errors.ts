import type { ErrorCode, FailureKind } from "./error-codes.js";

/** The exit codes of every command, as `--help` and the README list them. */
export const ExitCode = {
  ok: 0,
  /** The operation or a check failed. */
  failed: 1,
  /** The command line, the configuration or an input file is wrong; nothing was changed. */
  usage: 2,
  /** Something pipectl depends on is not there, or did not answer in time. */
  unavailable: 3,
  /** A bug in pipectl. */
  bug: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export interface ErrorOptions {
  /** The next command or edit to try, as a full sentence or a command line. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** True when the same request may succeed a little later: the server was too slow, or cut the connection. */
  readonly mayPass?: boolean;
}

/**
 * An error that a person can act on: it is shown as one clear message and a hint, without a stack.
 * Anything else that reaches `main` is a bug and keeps its stack.
 */
export class PipectlError extends Error {
  override readonly name = "PipectlError";
  readonly hint: string | undefined;
  readonly mayPass: boolean;

  /**
   * @param kind decides the exit code (failed 1, usage 2, unavailable 3)
   * @param code the problem's name for scripts, one of the table
   * @param message what failed, where (endpoint, file and line, key) and why
   */
  constructor(
    readonly kind: FailureKind,
    readonly code: ErrorCode,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.mayPass = options.mayPass ?? false;
  }

  get exitCode(): number {
    return ExitCode[this.kind];
  }
}

/** The operation ran and failed, or a check did not hold (exit 1). */
export const failed = (code: ErrorCode<"failed">, message: string, options?: ErrorOptions) =>
  new PipectlError("failed", code, message, options);

/** The command line, the configuration or an input is wrong (exit 2). */
export const usage = (code: ErrorCode<"usage">, message: string, options?: ErrorOptions) =>
  new PipectlError("usage", code, message, options);

/** A service or a tool is missing, does not answer, or timed out (exit 3). */
export const unavailable = (code: ErrorCode<"unavailable">, message: string, options?: ErrorOptions) =>
  new PipectlError("unavailable", code, message, options);

/** The text of whatever was thrown, without a stack. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0) {
    return messageOf(error.errors[0]);
  }
  return error instanceof Error ? error.message : String(error);
}

const freeSome = "free some, or set STATE_DIR to another disk; then: pipectl doctor";
const ownFolder = "set STATE_DIR to a folder of your own; then: pipectl doctor";

type Refusal = readonly [code: ErrorCode<"unavailable">, why: string, hint: string];

/** What the operating system refuses, in words of ours: by errno(3), as Node names them. */
const refusals: Readonly<Record<string, Refusal>> = {
  ENOSPC: ["disk_full", "no space is left", freeSome],
  EDQUOT: ["disk_full", "the quota is used up", freeSome],
  EROFS: ["not_writable", "the file system is read-only", "set STATE_DIR to a folder that can be written"],
  EACCES: ["not_writable", "permission denied", ownFolder],
  EPERM: ["not_writable", "not permitted", ownFolder],
  ENOTDIR: ["not_writable", "a file is in the place of a folder", "move that file away"],
  EMFILE: [
    "no_file_descriptors",
    "this process may not open another file",
    "raise the limit: ulimit -n 4096",
  ],
  ENFILE: ["no_file_descriptors", "this machine may not open another file", "end some programs"],
};

/** An error of the operating system as one that a person can act on; anything else as it is. */
export function systemError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PipectlError) return error;
  const { code = "", path, syscall } = error as NodeJS.ErrnoException;
  // Made with all folders above it, a folder lacks nothing: Node says ENOENT where the file system is read-only.
  const refusal = refusals[code === "ENOENT" && syscall === "mkdir" ? "EROFS" : code];
  if (refusal === undefined) return error;
  const [name, why, hint] = refusal;
  return unavailable(name, `${path ?? syscall ?? "a file"}: ${why} (${code})`, { hint, cause: error });
}

/** Where a limit of our own is the reason that a server could not be reached, that error: it says nothing about the server. */
export function outOfFiles(error: unknown): PipectlError | undefined {
  const own = systemError(error);
  return own instanceof PipectlError && own.code === "no_file_descriptors" ? own : undefined;
}
