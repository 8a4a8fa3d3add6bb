import type { StageStatus, Verdict } from "../../core/verdict.js";
import type { RuleOutcome } from "../quality/check-rules.js";

export interface Stage extends Verdict {
  readonly stage: number;
  readonly name: string;
}

/** One line of the account: every offset of a partition is in exactly one of its terms. */
export interface PartitionLine {
  readonly incarnation: number;
  readonly partition: number;
  /** The first offset of the account. */
  readonly first: number;
  /** The next offset to ingest. */
  readonly next: number;
  /** The end of the topic; for an incarnation that is over, where it was left. */
  readonly end: number;
  readonly produced: number;
  readonly bronze: number;
  readonly dlq: number;
  readonly notLanded: number;
  readonly withoutRecord: number;
  readonly skipped: number;
  /** Removed by Kafka before they landed, whether accepted or not. */
  readonly lost: number;
  /** The remainder that no term explains. Anything but 0 is a failure. */
  readonly unaccounted: number;
}

export type Counts = Omit<PartitionLine, "incarnation" | "partition" | "first" | "next" | "end"> & {
  readonly silver: number;
};

export interface ValidateResult {
  readonly status: StageStatus;
  readonly mode: "batch" | "streaming_bronze";
  readonly stages: readonly Stage[];
  readonly counts: Counts | null;
  readonly partitions: readonly PartitionLine[];
  /** With `--deep`: the rules of the dataset, in the manifest's order. */
  readonly quality?: readonly RuleOutcome[];
}
