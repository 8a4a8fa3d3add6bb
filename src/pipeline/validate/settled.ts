import type { PipectlError } from "../../core/errors.js";
import type { Verdict } from "../../core/verdict.js";
import type { Counts } from "./result.js";

/** What `--settle` has waited for, and the outcome. */
export interface Settled {
  /** The time limit of the wait, in seconds. */
  readonly seconds: number;
  /** Undefined when no stream maintains silver: there is no job to wait for. */
  readonly silver?: SilverSettled;
  /** The error that ended the wait at once, because waiting does not mend it. */
  readonly broken?: PipectlError;
}

/**
 * The bronze snapshot that silver holds completely, or a text that says what silver lacked when the time was up; `unseen` where that could
 * not be looked at.
 */
export type SilverSettled = { readonly has: string } | { readonly lacks: string; readonly unseen?: true };

/** The account's verdict after waiting: what is still missing then is a failure. Pure. */
export function withSettled(
  verdict: Verdict,
  { notLanded }: Pick<Counts, "notLanded">,
  settled: Settled | undefined,
): Verdict {
  if (settled === undefined || verdict.status === "fail") return verdict;
  const { broken, silver } = settled;
  if (broken !== undefined) {
    const hint = broken.hint === undefined ? {} : { hint: broken.hint };
    return { status: "fail", detail: `${verdict.detail}; ${broken.message}`, ...hint };
  }
  const waited = `after ${settled.seconds} s of waiting`;
  if (notLanded > 0) return { ...verdict, status: "fail", detail: `${verdict.detail}, ${waited}` };
  if (silver === undefined || "has" in silver) return verdict;
  return {
    status: silver.unseen === true ? "unknown" : "fail",
    detail: `${verdict.detail}; ${silver.lacks}, ${waited}`,
    hint: "pipectl jobs; pipectl logs taskmanager",
  };
}
