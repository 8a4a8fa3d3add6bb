import { count } from "../core/format.js";
import type { Table } from "../iceberg/catalog.js";
import { lastCheckpointIn } from "../lake/lineage.js";
import type { StreamMark } from "../lake/stream-mark.js";
import type { RetainedCheckpoint } from "../runtime/runtime.js";

/** Where a stream resumes: from a job's state, or from what the tables hold, with the reason. */
export type Start =
  | {
      readonly from: "state";
      readonly path: string;
      /** True when the state may hold rows that are committed to one of the tables or to none. The next job commits them. */
      readonly pending: boolean;
    }
  | { readonly from: "tables"; readonly why: string };

export type State = Start & { readonly from: "state" };

/**
 * Decides whether the state that a stream left is the latest one. It is when the tables hold nothing newer: then its successor
 * commits what was read and not yet committed. An older state would write rows a second time, and neither Flink nor Iceberg
 * would report that. Pure.
 *
 * @param mark the stream's mark
 * @param tables the tables that it writes to, as they are now, by kind
 * @param checkpoints those left by the stream's newest job, newest first
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
  // Looks at all snapshots, not only those since the account's: maintenance moves the account up while the job runs.
  const committed = Math.max(...Object.values(tables).map((table) => lastCheckpointIn(table, job)));
  const [newest] = checkpoints;
  if (newest !== undefined && newest.id >= committed)
    return { from: "state", path: newest.path, pending: true };
  if (committed > 0) {
    const there =
      newest === undefined ? "no checkpoint is left" : `the newest checkpoint is ${count(newest.id)}`;
    return tablesBecause(`${there}, but the tables hold what checkpoint ${count(committed)} committed`);
  }
  // The job ended before it committed anything, so the state that it resumed from is still valid, unless maintenance has
  // moved the records up since.
  return mark.restored === undefined || mark.committed !== undefined
    ? tablesBecause("the last stream left no checkpoint")
    : { from: "state", path: mark.restored, pending: true };
}

/**
 * The table that has lost the commits of the newest job. When Flink's sink is restored, it looks for them in the snapshots,
 * and fails for ever without them. Undefined when nothing is missing.
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
 * The mark of a stream's next job. It keeps the ids of earlier jobs until the rows that they have appended, or may still have
 * pending, are in the account.
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

/**
 * The checkpoints of a stream's newest job that the tables hold. The snapshots that show them may expire now, and a reader
 * that finds none of the job's must know that there were some.
 */
export function withCommitted(
  { stream }: { readonly stream?: StreamMark },
  tables: Readonly<Record<string, Table>>,
): { readonly stream?: StreamMark } {
  const job = stream?.jobs.at(-1);
  if (stream === undefined || job === undefined) return {};
  const committed = Object.entries(tables).map(([kind, table]) => [
    kind,
    Math.max(lastCheckpointIn(table, job), stream.committed?.[kind] ?? 0),
  ]);
  return { stream: { ...stream, committed: Object.fromEntries(committed) } };
}
