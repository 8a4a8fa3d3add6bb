import type { Snapshot, Table } from "../iceberg/catalog.js";
import { historyOf } from "../iceberg/history.js";

/** True when the table's rows are those of `snapshot`: it is the current one, or only compactions lie between. */
export const sameRows = (table: Table, snapshot: string | null): boolean =>
  appendedSince(table, snapshot, () => false)?.length === 0;

/**
 * The appends to a table since `snapshot`, newest first; compactions in between change no row.
 *
 * @param known which appends are looked for; all unless told
 * @returns undefined when anything else has happened to the table, or `snapshot` is not in its history
 */
export function appendedSince(
  table: Table,
  snapshot: string | null,
  known: (append: Snapshot) => boolean = () => true,
): Snapshot[] | undefined {
  const byId = new Map(table.snapshots.map((candidate) => [candidate.id, candidate]));
  const appended: Snapshot[] = [];
  let at: Snapshot | undefined = table.current;
  while (at !== undefined && at.id !== snapshot) {
    if (isAppend(at) && known(at)) appended.push(at);
    else if (at.operation !== "replace") return undefined;
    if (at.parentId !== null && !byId.has(at.parentId)) return undefined;
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return (at?.id ?? null) === snapshot ? appended : undefined;
}

/** True when the table was set back behind something that one of these Flink jobs has appended. */
export function isSetBack(table: Table, jobs: readonly string[]): boolean {
  const history = historyOf(table, table.current?.id ?? null);
  return table.snapshots.some((one) => jobs.includes(jobOf(one)) && !history.has(one.id));
}

/**
 * True when the table has snapshots from after `since` that are not in its history: it was set back, or a run that wrote to a
 * branch was killed. The metadata do not tell which.
 */
export function hasForgotten(table: Table, since: string | null): boolean {
  const history = historyOf(table, table.current?.id ?? null);
  const from = table.snapshots.find(({ id }) => id === since)?.timestampMs ?? 0;
  return table.snapshots.some(({ id, timestampMs }) => timestampMs >= from && !history.has(id));
}

/** True when `ancestor` is in the history of `snapshot`; null is the table before anything was written. */
export function hasAncestor(table: Table, snapshot: string, ancestor: string | null): boolean {
  return ancestor === null || historyOf(table, snapshot).has(ancestor);
}

/** True when the table keeps a snapshot, in its history or not; null is the table before anything was written. */
export const keepsSnapshot = ({ snapshots }: Table, snapshot: string | null): boolean =>
  snapshot === null || snapshots.some(({ id }) => id === snapshot);

/** The current snapshot and its ancestors, newest first, as far back as the table keeps them. */
export function ancestorsOf(table: Table): Snapshot[] {
  const byId = new Map(table.snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const ancestors: Snapshot[] = [];
  for (
    let at = table.current;
    at !== undefined;
    at = at.parentId === null ? undefined : byId.get(at.parentId)
  )
    ancestors.push(at);
  return ancestors;
}

/** The highest checkpoint of a job that a table holds; 0 when it holds none. Flink counts from 1. */
export const lastCheckpointIn = (table: Table, job: string): number =>
  Math.max(
    0,
    ...ancestorsOf(table)
      .filter((one) => jobOf(one) === job)
      .map(({ summary }) => Number(summary["flink.max-committed-checkpoint-id"] ?? 0)),
  );

/** An append adds rows; a compaction only moves them. */
export const isAppend = ({ operation }: Snapshot): boolean => operation === "append";

/** The Flink job that wrote a snapshot; empty when none did. */
export const jobOf = ({ summary }: Snapshot): string => summary["flink.job-id"] ?? "";

/**
 * The checkpoint that one Flink job has committed in two snapshots, with the same files: an answer was lost, or a request was sent
 * twice, and Iceberg's sink took the conflict with itself for one with somebody else (apache/iceberg#13763). Undefined for none.
 */
export function committedTwice(appends: readonly Snapshot[]): string | undefined {
  const same = [
    ...["flink.job-id", "flink.operator-id", "flink.max-committed-checkpoint-id"],
    ...["added-records", "added-files-size"],
  ];
  const seen = new Set<string>();
  for (const { summary } of appends) {
    if (!(Number(summary["added-records"]) > 0)) continue;
    const key = same.map((name) => summary[name]).join("/");
    if (seen.has(key)) return summary["flink.max-committed-checkpoint-id"] ?? "unknown";
    seen.add(key);
  }
  return undefined;
}

/** What Iceberg says of each Kafka partition in a snapshot's summary: `added-data-files=1,added-records=20,…`. */
export function partitionSummaries({ summary }: Snapshot): [partition: number, text: string][] {
  return Object.entries(summary).flatMap(([key, text]) => {
    const partition = /^partitions\.kafka_partition=(\d+)$/.exec(key)?.[1];
    return partition === undefined ? [] : [[Number(partition), text] as [number, string]];
  });
}
