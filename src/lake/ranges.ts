import { sum } from "../core/sum.js";

/** A record that Kafka had when a run was planned, by which its partition is recognised. */
export interface Anchor {
  readonly partition: number;
  readonly offset: number;
  /** Kafka's, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** CRC-32C of the record's key, value and headers. */
  readonly checksum: number;
}

/** The offsets of one partition that a run takes: from `start` up to, not including, `end`. */
export interface Range {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
  /** Offsets right before `start` that Kafka removed before they landed; somebody has accepted that. */
  readonly lost: number;
  /** Offsets of the range that are not taken, on purpose. */
  readonly skipped: number;
  /** Offsets of the range that are in the tables already: the run takes the others. Only after a recount. */
  readonly present: number;
}

/** What a run takes, of which topic. */
export interface Plan {
  readonly topicId: string | null;
  readonly incarnation: number;
  readonly ranges: readonly Range[];
  /** Records that will have landed with it. Undefined until they were looked for. */
  readonly anchors?: readonly Anchor[];
}

/** Offsets that a run takes; some may hold no record. */
export const sizeOf = (ranges: readonly Range[]) =>
  sum(ranges.map(({ start, end, present }) => end - start - present));
