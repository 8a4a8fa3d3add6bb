import type { PipectlError } from "../../core/errors.js";
import type { Verdict } from "../../core/verdict.js";
import type { Dataset } from "../../dataset/types.js";
import type { Table } from "../../iceberg/catalog.js";
import { sameRows } from "../../lake/lineage.js";
import type { Tables } from "../../lake/tables.js";
import { damagedRecords } from "../../ledger/records.js";
import { type SilverState, stateOver, trustedState, unrecordedSilver } from "../../ledger/silver-state.js";
import type { Settled } from "./settled.js";

/**
 * Silver's state by the tables' metadata: `made` from all of bronze, or `behind`. Silver that a stream maintains is
 * `following`, and only its job knows its position. With a `damaged` record, or rows and no
 * record, nothing is known about silver.
 */
export interface SilverStanding {
  readonly is: "made" | "behind" | "following" | "damaged";
  /** True when a stream writes bronze, which is then always ahead of silver. */
  readonly live: boolean;
  /** For a damaged record: the error, with the way to repair it. */
  readonly damage?: PipectlError;
}

export function silverStanding(
  { bronze, silver }: Partial<Tables>,
  dataset: Dataset,
  live: boolean,
): SilverStanding {
  const [damaged] = damagedRecords(silver === undefined ? {} : { silver });
  const damage = damaged ?? unrecordedSilver(silver);
  if (damage !== undefined) return { is: "damaged", live, damage };
  const state = silver === undefined ? undefined : trustedState(silver, dataset);
  if (live && state?.stream !== undefined && state.stream.stopped === undefined)
    return { is: "following", live };
  const made = bronze?.current === undefined || isMadeOf(bronze, stateOver(bronze, state));
  return { is: made ? "made" : "behind", live };
}

const isMadeOf = (bronze: Table, state: SilverState | undefined): boolean =>
  state !== undefined && sameRows(bronze, state.bronzeSnapshot);

/** A complete bronze does not make silver current: `process-bronze` leaves it behind on purpose. */
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
