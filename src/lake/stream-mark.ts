/**
 * A stream that appends to both tables on from the account's snapshots. What it has appended is counted by the summaries
 * of its snapshots, and only those of its own jobs.
 */
export interface StreamMark {
  /** Names its jobs. */
  readonly run: string;
  /** Ids of its Flink jobs, the newest last: one more each time it was resumed. Chosen before the job is submitted. */
  readonly jobs: readonly string[];
  /** What the job does: one that does something else cannot take over its state. */
  readonly topology: string;
  /** Undefined while it is meant to run. */
  readonly stopped?: StreamStop;
  /** The state that the newest job was started with; undefined when it began at the account's offsets. */
  readonly restored?: string;
  /** The last checkpoint of the newest job that each table held when the snapshots on record were last moved up. */
  readonly committed?: Readonly<Record<string, number>>;
}

/** How somebody stopped a stream. */
export interface StreamStop {
  /** ISO 8601. */
  readonly at: string;
  /** Path of the savepoint; null when it was cancelled. */
  readonly savepoint: string | null;
  /** True where it was stopped only until a command has ended, which starts it again. */
  readonly resumes?: boolean;
}
