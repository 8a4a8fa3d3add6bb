/**
 * A stream that has appended to the tables since the account's snapshots. The summaries of its snapshots tell how many rows; only
 * snapshots of its own jobs count.
 */
export interface StreamMark {
  /** Names its jobs. */
  readonly run: string;
  /** Ids of its Flink jobs, the newest last: one more each time it was resumed. Chosen before the job is submitted. */
  readonly jobs: readonly string[];
  /** Identifies what the job does. A job that does something else cannot take over its state. */
  readonly topology: string;
  /** Undefined while the stream is meant to run. */
  readonly stopped?: StreamStop;
  /** The state that the newest job was started with; undefined when it began at the account's offsets. */
  readonly restored?: string;
  /** The newest job's last checkpoint in each table, as of the last time that the recorded snapshots were moved forward. */
  readonly committed?: Readonly<Record<string, number>>;
}

/** How somebody stopped a stream. */
export interface StreamStop {
  /** ISO 8601. */
  readonly at: string;
  /** Path of the savepoint; null when it was cancelled. */
  readonly savepoint: string | null;
  /** True where a command stopped it for a while and starts it again when it has finished. */
  readonly resumes?: boolean;
}
