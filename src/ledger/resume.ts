import { count } from "../core/format.js";
import type { Table } from "../iceberg/catalog.js";
import { lastCheckpointIn } from "../lake/lineage.js";
import type { StreamMark } from "../lake/stream-mark.js";
import type { RetainedCheckpoint } from "../runtime/runtime.js";

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

/**
 * Decides whether the state that a stream left is the newest truth. It is when the tables hold nothing beyond it: then what
 * it has read and not committed yet is committed by its successor. An older one would write rows a second time,
 * without a word from Flink or Iceberg. Pure.
 *
 * @param mark of the stream
 * @param tables that it writes to, as they are now, by kind
 * @param checkpoints what the stream's newest job has left, the newest first
 */
export function whereToStart(
  mark: StreamMark | undefined,
  tables: Readonly<Record<string, Table>>,
  topology: string,
  checkpoints: readonly RetainedCheckpoint[],
): Start {
  if (mark === undefined) return tablesBecause("no stream has run since the last batch");
  if (mark.topology !== topology) return tablesBecause("the job is another one than the last stream's");
  const missing = missingCommits(mark, tables);
  if (missing !== undefined) return tablesBecause(missing);
  const { stopped } = mark;
  if (stopped?.savepoint != null) return { from: "state", path: stopped.savepoint, pending: false };
  const job = mark.jobs.at(-1) as string;
  // Not since the account's snapshots only: they move on while the job runs.
  const committed = Math.max(...Object.values(tables).map((table) => lastCheckpointIn(table, job)));
  const [newest] = checkpoints;
  if (newest !== undefined && newest.id >= committed)
    return { from: "state", path: newest.path, pending: true };
  if (committed > 0) {
    const there =
      newest === undefined ? "no checkpoint is left" : `the newest checkpoint is ${count(newest.id)}`;
    return tablesBecause(`${there}, but the tables hold what checkpoint ${count(committed)} committed`);
  }
  // It ended before it did anything: what it was to go on from still stands, unless upkeep has moved on from there since.
  return mark.restored === undefined || mark.committed !== undefined
    ? tablesBecause("the last stream left no checkpoint")
    : { from: "state", path: mark.restored, pending: true };
}

/**
 * Which table has lost what the newest job committed to it: Flink's sink asks its snapshots for that when it is restored, and
 * fails for ever without. Undefined where nothing is missing.
 */
export function missingCommits(
  { jobs, committed }: StreamMark,
  tables: Readonly<Record<string, Table>>,
): string | undefined {
  for (const [kind, table] of Object.entries(tables)) {
    const known = committed?.[kind] ?? 0;
    if (known > 0 && lastCheckpointIn(table, jobs.at(-1) as string) === 0)
      return `${kind} no longer has the snapshot of checkpoint ${count(known)}: another tool has expired it`;
  }
  return undefined;
}

const tablesBecause = (why: string): Start => ({ from: "tables", why });

/**
 * The mark of a stream's next job. What the jobs before it have appended, or may still have pending, is known by their
 * ids until it is in the account.
 */
export function nextMark(
  mark: StreamMark | undefined,
  start: Start,
  job: string,
  next: Omit<StreamMark, "jobs" | "restored" | "stopped" | "committed">,
): StreamMark {
  if (start.from === "tables") return { ...next, jobs: [job] };
  return { ...next, jobs: start.pending ? [...(mark?.jobs ?? []), job] : [job], restored: start.path };
}
