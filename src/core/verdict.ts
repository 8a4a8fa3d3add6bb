import type { ErrorCode } from "./error-codes.js";
import { ExitCode, messageOf, PipectlError } from "./errors.js";

/** From the best to the worst. `unknown`: the check could not look, which says nothing about what it looks at. */
const statuses = ["pass", "warn", "unknown", "fail"] as const;

export type StageStatus = (typeof statuses)[number];

/** The result of a check of `validate`. */
export interface Verdict {
  readonly status: StageStatus;
  readonly detail: string;
  /** The next command to try. */
  readonly hint?: string;
}

/** The worst of several. */
export function worst(all: readonly StageStatus[]): StageStatus {
  return statuses.findLast((status) => all.includes(status)) ?? "pass";
}

/** A warning is a success. */
export const exitCodeOf = (status: StageStatus): number =>
  status === "fail" ? ExitCode.failed : status === "unknown" ? ExitCode.unavailable : ExitCode.ok;

/** Not of the kind `unavailable`, but nothing was seen all the same: the server let nobody look. */
const refusedToUs: readonly ErrorCode[] = ["unauthorized", "tls_failed", "catalog_forbidden"];
/** Of that kind, but a fact about what was looked at. */
const seen: readonly ErrorCode[] = ["topic_missing"];

/** True for an error by which a check has seen nothing: a server was not there, did not answer in time, or let nobody look. */
export const couldNotLook = (error: unknown): error is PipectlError =>
  error instanceof PipectlError &&
  (error.kind === "unavailable" || refusedToUs.includes(error.code)) &&
  !seen.includes(error.code);

/** The verdict of a check that an error has ended. Bugs are thrown. */
export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof PipectlError)) throw error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { status: couldNotLook(error) ? "unknown" : "fail", detail: messageOf(error), ...hint };
}
