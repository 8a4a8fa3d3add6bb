import { unlessDamaged } from "../../core/record-codec.js";
import type { Snapshot, Table } from "../../iceberg/catalog.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { ancestorsOf, jobOf } from "../../lake/lineage.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { damagedRecords } from "../../ledger/records.js";
import type { Workspace } from "../../workspace/workspace.js";
import { requirementsOf } from "./retention.js";

/** A snapshot of a table, as the table's own metadata have it. */
export interface SnapshotLine {
  readonly id: string;
  readonly parentId: string | null;
  /** ISO 8601. */
  readonly committedAt: string;
  /** Iceberg's word: `append`, `overwrite`, `replace` (files, no row) or `delete`. */
  readonly operation: string;
  readonly rowsAdded: number;
  readonly rowsRemoved: number;
  /** Of the table as of this snapshot. */
  readonly rows: number;
  /** Data files of the table as of this snapshot. */
  readonly files: number;
  readonly writer: {
    /** The Flink job; null where the writer gave none: jobs of table maintenance, and other engines. */
    readonly job: string | null;
    /** Name and version; null where the writer gave none. */
    readonly engine: string | null;
  };
  /** True for the one that readers see. */
  readonly current: boolean;
  /** Branches and tags that are at it. */
  readonly refs: readonly string[];
  /** True when it leads to the current one: then its rows were only changed by what came after, and `rollback` goes there. */
  readonly inHistory: boolean;
  /** Who could not go on without it; those after it stay as well. */
  readonly neededBy: readonly string[];
}

export interface SnapshotList {
  readonly table: string;
  /** The newest first. */
  readonly snapshots: readonly SnapshotLine[];
  /** Older ones that are not listed. */
  readonly more: number;
}

/**
 * Lists the snapshots that the dataset's tables keep; a table that is not there yet is left out.
 *
 * @param limit of each table
 */
export async function snapshots(
  { catalog, dataset, report }: Workspace,
  kinds: readonly (keyof Tables)[],
  limit: number,
): Promise<SnapshotList[]> {
  const tables = await loadTables(catalog, dataset);
  for (const { message, hint } of damagedRecords(tables))
    report({ type: "warning", text: `${message}; who needs which snapshot is unknown: ${hint}` });
  return kinds.flatMap((kind) => (tables[kind] === undefined ? [] : [listOf(kind, tables, limit)]));
}

/** Pure. */
export function listOf(kind: keyof Tables, tables: Partial<Tables>, limit: number): SnapshotList {
  const table = tables[kind] as Table;
  const ancestors = ancestorsOf(table);
  const history = new Set(ancestors.map(({ id }) => id));
  const requirements = unlessDamaged(() => requirementsOf(kind, tables)) ?? [];
  // Null is the table before anything was written: its first snapshot is the next to that.
  const first = ancestors.at(-1)?.id;
  const lineOf = (snapshot: Snapshot): SnapshotLine => ({
    ...figuresOf(snapshot),
    current: snapshot.id === table.current?.id,
    refs: Object.keys(table.refs).filter((name) => table.refs[name] === snapshot.id),
    inHistory: history.has(snapshot.id),
    neededBy: requirements.filter(([id]) => (id === null ? first : id) === snapshot.id).map(([, by]) => by),
  });
  // The catalog lists them as they were committed; two may have the same millisecond.
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
