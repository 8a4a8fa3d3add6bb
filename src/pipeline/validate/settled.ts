import type { Verdict } from "../../core/verdict.js";
import type { Counts } from "./result.js";

/** What `--settle` has waited for, and what became of it. */
export interface Settled {
  /** Seconds that it was to wait at the most. */
  readonly seconds: number;
  /** Undefined where no stream keeps silver: no run that would bring anything is waited for. */
  readonly silver?: SilverSettled;
}

/** The bronze snapshot of which silver has everything, or, in words, what it lacked when the time was up. */
export type SilverSettled = { readonly has: string } | { readonly lacks: string };

/** The account's verdict: after waiting, what is missing is a failure. Pure. */
export function withSettled(
  verdict: Verdict,
  { notLanded }: Pick<Counts, "notLanded">,
  settled: Settled | undefined,
): Verdict {
  if (settled === undefined || verdict.status === "fail") return verdict;
  const waited = `after ${settled.seconds} s of waiting`;
  if (notLanded > 0) return { ...verdict, status: "fail", detail: `${verdict.detail}, ${waited}` };
  const { silver } = settled;
  if (silver === undefined || "has" in silver) return verdict;
  return {
    status: "fail",
    detail: `${verdict.detail}; ${silver.lacks}, ${waited}`,
    hint: "pipectl jobs; pipectl logs taskmanager",
  };
}
