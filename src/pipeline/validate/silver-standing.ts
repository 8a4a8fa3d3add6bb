import type { PipectlError } from "../../core/errors.js";
import type { Verdict } from "../../core/verdict.js";
import type { Dataset } from "../../dataset/types.js";
import { sameRows } from "../../lake/lineage.js";
import type { Tables } from "../../lake/tables.js";
import { damagedRecords } from "../../ledger/records.js";
import { trustedState } from "../../ledger/silver-state.js";
import type { Settled } from "./settled.js";

/**
 * Where silver stands, by the tables' metadata: `made` from all of bronze, or `behind`. Silver that a stream keeps is `following`,
 * and only its job knows how far it is. Of silver with a `damaged` record nothing is known.
 */
export interface SilverStanding {
  readonly is: "made" | "behind" | "following" | "damaged";
  /** True where a stream writes bronze: that is ahead of silver all the time. */
  readonly live: boolean;
  /** Of a damaged record: what is wrong, and the way back. */
  readonly damage?: PipectlError;
}

export function silverStanding(
  { bronze, silver }: Partial<Tables>,
  dataset: Dataset,
  live: boolean,
): SilverStanding {
  const [damage] = damagedRecords(silver === undefined ? {} : { silver });
  if (damage !== undefined) return { is: "damaged", live, damage };
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
  { is, live, damage }: SilverStanding,
  settled: Settled | undefined,
): Verdict {
  if (verdict.status !== "pass" || is === "made") return verdict;
  if (damage !== undefined) {
    const hint = damage.hint === undefined ? {} : { hint: damage.hint };
    return { status: "fail", detail: `${verdict.detail}; ${damage.message}`, ...hint };
  }
  if (settled?.silver !== undefined && "has" in settled.silver)
    return { ...verdict, detail: `${verdict.detail}; silver has all of bronze` };
  if (is === "following") return { ...verdict, detail: `${verdict.detail}; silver follows bronze` };
  return {
    status: live ? "pass" : "warn",
    detail: `${verdict.detail}; silver is behind bronze`,
    hint: "pipectl process-silver",
  };
}
