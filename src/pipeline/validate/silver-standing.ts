import type { Verdict } from "../../core/verdict.js";
import type { Dataset } from "../../dataset/types.js";
import { sameRows } from "../../lake/lineage.js";
import type { Tables } from "../../lake/tables.js";
import { trustedState } from "../../ledger/silver-state.js";
import type { Settled } from "./settled.js";

/**
 * How silver stands to bronze, by what the tables say of themselves: `made` from all of it, or `behind`. Of silver that a
 * stream keeps, `following`, only its job knows how far it is.
 */
export interface SilverStanding {
  readonly is: "made" | "behind" | "following";
  /** True where a stream writes bronze: that is ahead of silver all the time. */
  readonly live: boolean;
}

export function silverStanding(
  { bronze, silver }: Partial<Tables>,
  dataset: Dataset,
  live: boolean,
): SilverStanding {
  const state = silver === undefined ? undefined : trustedState(silver, dataset);
  if (live && state?.stream !== undefined && state.stream.stopped === undefined)
    return { is: "following", live };
  const made =
    bronze?.current === undefined || (state !== undefined && sameRows(bronze, state.bronzeSnapshot));
  return { is: made ? "made" : "behind", live };
}

/** An exact bronze does not make silver current: `process-bronze` leaves it behind on purpose. */
export function withSilver(
  verdict: Verdict,
  { is, live }: SilverStanding,
  settled: Settled | undefined,
): Verdict {
  if (verdict.status !== "pass" || is === "made") return verdict;
  if (settled?.silver !== undefined && "has" in settled.silver)
    return { ...verdict, detail: `${verdict.detail}; silver has all of bronze` };
  if (is === "following") return { ...verdict, detail: `${verdict.detail}; silver follows bronze` };
  return {
    status: live ? "pass" : "warn",
    detail: `${verdict.detail}; silver is behind bronze`,
    hint: "pipectl process-silver",
  };
}
