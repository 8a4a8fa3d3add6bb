import { count } from "../../core/format.js";
import type { Table } from "../../iceberg/catalog.js";
import type { RetainedCheckpoint } from "../../runtime/runtime.js";
import type { StreamMark } from "../account.js";
import { appendedSince, jobOf } from "../history.js";

/** Where a stream goes on: from a job's state, or, with the reason, from what the tables hold. */
export type Start =
  | {
      readonly from: "state";
      readonly path: string;
      /** True where the state may hold rows that are in one of the tables or in none: its successor commits them. */
      readonly pending: boolean;
    }
  | { readonly from: "tables"; readonly why: string };

export type State = Start & { readonly from: "state" };

/** A table that a stream writes to, and its snapshot before. */
export type Written = readonly [table: Table, since: string | null];

/**
 * Decides whether the state that a stream left is the newest truth. It is when the tables hold nothing beyond it: then what
 * it has read and not committed yet is committed by its successor. An older one would write rows a second time,
 * without a word from Flink or Iceberg. Pure.
 *
 * @param mark of the stream
 * @param tables that it writes to, as they are now, each with the snapshot since which it has
 * @param checkpoints what the stream's newest job has left, the newest first
 */
export function whereToStart(
  mark: StreamMark | undefined,
  tables: readonly Written[],
  topology: string,
  checkpoints: readonly RetainedCheckpoint[],
): Start {
  if (mark === undefined) return tablesBecause("no stream has run since the last batch");
  if (mark.topology !== topology) return tablesBecause("the job is another one than the last stream's");
  const { stopped } = mark;
  if (stopped?.savepoint != null) return { from: "state", path: stopped.savepoint, pending: false };
  const job = mark.jobs.at(-1) as string;
  const committed = lastCommitted(tables, job);
  const [newest] = checkpoints;
  if (newest !== undefined && newest.id >= committed)
    return { from: "state", path: newest.path, pending: true };
  if (committed > 0) {
    const there =
      newest === undefined ? "no checkpoint is left" : `the newest checkpoint is ${count(newest.id)}`;
    return tablesBecause(`${there}, but the tables hold what checkpoint ${count(committed)} committed`);
  }
  // It ended before it did anything: what it was to go on from still stands.
  return mark.restored === undefined
    ? tablesBecause("the last stream ended before its first checkpoint")
    : { from: "state", path: mark.restored, pending: true };
}

const tablesBecause = (why: string): Start => ({ from: "tables", why });

/** The highest checkpoint of a job that one of the tables holds; 0 when it has committed none. Flink counts from 1. */
function lastCommitted(tables: readonly Written[], job: string): number {
  const ids = tables
    .flatMap(([table, since]) => appendedSince(table, since) ?? [])
    .filter((one) => jobOf(one) === job)
    .map(({ summary }) => Number(summary["flink.max-committed-checkpoint-id"] ?? 0));
  return Math.max(0, ...ids);
}

/**
 * The mark of a stream's next job. What the jobs before it have appended, or may still have pending, is known by their
 * ids until it is in the account.
 */
export function nextMark(
  mark: StreamMark | undefined,
  start: Start,
  job: string,
  next: Omit<StreamMark, "jobs" | "restored" | "stopped">,
): StreamMark {
  if (start.from === "tables") return { ...next, jobs: [job] };
  return { ...next, jobs: start.pending ? [...(mark?.jobs ?? []), job] : [job], restored: start.path };
}
