import { unlessDamaged } from "../../core/record-codec.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { ancestorsOf, jobOf } from "../../lake/lineage.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { damagedRecords } from "../../ledger/records.js";
import type { Workspace } from "../../workspace/workspace.js";
import { requirementsOf } from "./retention.js";

/** A snapshot of a table, from the table's own metadata. */
export interface SnapshotLine {
  readonly id: string;
  readonly parentId: string | null;
  /** ISO 8601. */
  readonly committedAt: string;
  /** Iceberg's operation: `append`, `overwrite`, `replace` (files, no row) or `delete`. */
  readonly operation: string;
  readonly rowsAdded: number;
  readonly rowsRemoved: number;
  /** Rows of the table as of this snapshot. */
  readonly rows: number;
  /** Data files of the table as of this snapshot. */
  readonly files: number;
  readonly writer: {
    /** The Flink job; null when the writer recorded none: maintenance jobs and other engines. */
    readonly job: string | null;
    /** Name and version; null when the writer recorded none. */
    readonly engine: string | null;
  };
  /** True for the snapshot that readers see. */
  readonly current: boolean;
  /** Branches and tags that point to it. */
  readonly refs: readonly string[];
  /** True for an ancestor of the current snapshot: `rollback` can go back to it. */
  readonly inHistory: boolean;
  /** What could not continue without it. Later snapshots are kept as well. */
  readonly neededBy: readonly string[];
}

export interface SnapshotList {
  readonly table: string;
  /** Newest first. */
  readonly snapshots: readonly SnapshotLine[];
  /** Older ones that are not listed. */
  readonly more: number;
}

/**
 * Lists the snapshots of the dataset's tables. Tables that do not exist yet are left out.
 *
 * @param limit per table
 */
export async function snapshots(
  { catalog, dataset, report }: Workspace,
  kinds: readonly (keyof Tables)[],
  limit: number,
): Promise<SnapshotList[]> {
  const tables = await loadTables(catalog, dataset);
  for (const { message, hint } of damagedRecords(tables))
    report({ type: "warning", text: `${message}; it is unknown which snapshots are needed: ${hint}` });
  return kinds.flatMap((kind) => (tables[kind] === undefined ? [] : [listOf(kind, tables, limit)]));
}

/** Pure. */
export function listOf(kind: keyof Tables, tables: Partial<Tables>, limit: number): SnapshotList {
  const table = tables[kind] as Table;
  const ancestors = ancestorsOf(table);
  const history = new Set(ancestors.map(({ id }) => id));
  const requirements = unlessDamaged(() => requirementsOf(kind, tables)) ?? [];
  // Null stands for the table before its first snapshot; the first snapshot is the nearest to that.
  const first = ancestors.at(-1)?.id;
  const lineOf = (snapshot: Snapshot): SnapshotLine => ({
    ...figuresOf(snapshot),
    current: snapshot.id === table.current?.id,
    refs: Object.keys(table.refs).filter((name) => table.refs[name] === snapshot.id),
    inHistory: history.has(snapshot.id),
    neededBy: requirements.filter(([id]) => (id === null ? first : id) === snapshot.id).map(([, by]) => by),
  });
  // The catalog lists snapshots in commit order; two may have the same millisecond.
  const newest = [...table.snapshots].reverse().sort((a, b) => b.timestampMs - a.timestampMs);
  return {
    table: `${table.id.namespace}.${table.id.table}`,
    snapshots: newest.slice(0, limit).map(lineOf),
    more: Math.max(0, newest.length - limit),
  };
}

function figuresOf(snapshot: Snapshot) {
  const { id, parentId, timestampMs, operation, summary } = snapshot;
  const engine = [summary["engine-name"], summary["engine-version"]].filter((word) => word !== undefined);
  return {
    id,
    parentId,
    committedAt: new Date(timestampMs).toISOString(),
    operation,
    // A commit that only replaces files adds and removes the same rows.
    rowsAdded: operation === "replace" ? 0 : Number(summary["added-records"] ?? 0),
    rowsRemoved: operation === "replace" ? 0 : Number(summary["deleted-records"] ?? 0),
    rows: totalRecords(snapshot),
    files: Number(summary["total-data-files"] ?? 0),
    writer: {
      job: jobOf(snapshot) === "" ? null : jobOf(snapshot),
      engine: engine.length === 0 ? null : engine.join(" "),
    },
  };
}
