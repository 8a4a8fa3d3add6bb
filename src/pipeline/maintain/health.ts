import { count, bytes as inBytes, plural } from "../../core/format.js";
import { type Snapshot, type Table, totalRecords } from "../../iceberg/catalog.js";
import { ancestorsOf, isAppend } from "../../lake/lineage.js";
import { hasDeletes } from "../../lake/summed-rows.js";
import { loadTables } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";

/** A table's health by its metadata alone: no file is opened. */
export interface TableHealth {
  /** `namespace.table` */
  readonly table: string;
  readonly rows: number;
  /** Data files that readers open, without delete files. */
  readonly files: number;
  readonly averageFileBytes: number;
  /** Files from commits of small files since the last compaction. */
  readonly smallFiles: number;
  readonly deleteFiles: number;
  readonly snapshots: number;
  /** Total size of the data files that readers open. */
  readonly bytes: number;
  /** Size of the metadata file, which every reader and writer loads first; it grows with the number of snapshots. */
  readonly metadataBytes: number;
  /** ISO 8601; null when nothing was ever written. */
  readonly lastCommit: string | null;
  /** `ok`, or what to do and why. */
  readonly verdict: string;
}

/** The health of the dataset's tables. Tables that do not exist yet are left out. */
export async function tables({
  catalog,
  dataset,
}: Pick<Workspace, "catalog" | "dataset">): Promise<TableHealth[]> {
  return Object.values(await loadTables(catalog, dataset)).map(healthOf);
}

/** Opening a file of this size costs a reader little compared with reading it. */
const smallFileBytes = 32 * 1024 * 1024;
/** Fewer small files than this hardly matter to a reader who has large ones to read, too. */
const manySmallFiles = 500;
/** Where small files are nearly all that there is, a reader does little else than opening them. */
const fewButNearlyAll = 100;

/** From how many small files on a table is compacted: see `manySmallFiles`. */
export const compactFrom = ({ smallFiles, files }: Pick<TableHealth, "smallFiles" | "files">): number =>
  smallFiles >= 0.9 * files ? fewButNearlyAll : manySmallFiles;
/** The metadata file lists every snapshot, and every commit rewrites it. */
const manySnapshots = 5_000;

export function healthOf(table: Table): TableHealth {
  const { current } = table;
  const files = numberIn(current, "total-data-files");
  const bytes = numberIn(current, "total-files-size");
  const averageFileBytes = files === 0 ? 0 : Math.round(bytes / files);
  const smallFiles = Math.min(files, smallFilesOf(ancestorsOf(table)));
  return {
    table: `${table.id.namespace}.${table.id.table}`,
    rows: totalRecords(current),
    files,
    averageFileBytes,
    smallFiles,
    deleteFiles: numberIn(current, "total-delete-files"),
    snapshots: table.snapshots.length,
    bytes,
    metadataBytes: table.metadataBytes,
    lastCommit: current === undefined ? null : new Date(current.timestampMs).toISOString(),
    verdict:
      [
        smallFiles >= compactFrom({ smallFiles, files })
          ? `compact: ${count(smallFiles)} small files, ${inBytes(averageFileBytes)} on average`
          : "",
        hasDeletes(current)
          ? `maintain: rows are marked in ${plural(numberIn(current, "total-delete-files"), "delete file")}`
          : "",
        table.snapshots.length >= manySnapshots ? `expire: ${count(table.snapshots.length)} snapshots` : "",
      ]
        .filter((part) => part !== "")
        .join("; ") || "ok",
  };
}

/**
 * The maintenance command for tables that need it. The snapshots of a stream that commits every few seconds are too many long
 * before they are a week old.
 */
export function helpFor(tables: readonly Table[]): string {
  const leavesFew = (ms: number) =>
    tables.every(
      ({ snapshots }) =>
        snapshots.filter(({ timestampMs }) => timestampMs > Date.now() - ms).length < manySnapshots,
    );
  const [age] = ages.find(([, ms]) => leavesFew(ms)) ?? (ages.at(-1) as (typeof ages)[number]);
  return age === undefined ? "pipectl maintain" : `pipectl maintain --older-than ${age}`;
}

const hourMs = 3_600_000;
/** The first one is the default of `maintain`. */
const ages: readonly (readonly [option: string | undefined, ms: number])[] = [
  [undefined, 7 * 24 * hourMs],
  ["1d", 24 * hourMs],
  ["6h", 6 * hourMs],
  ["1h", hourMs],
];

/**
 * Files of the appends since the last compaction whose commits have small files on average. A commit that replaces whole dates
 * does not count: it writes one file per date, and compaction cannot reduce that.
 */
function smallFilesOf(ancestors: readonly Snapshot[]): number {
  let small = 0;
  for (const [i, snapshot] of ancestors.entries()) {
    if (isCompaction(snapshot)) break;
    if (!isAppend(snapshot)) continue;
    const forgotten = snapshot.parentId !== null && i === ancestors.length - 1;
    // For rows older than the oldest remaining snapshot only the totals are known.
    small += smallOf(snapshot, forgotten ? "total" : "added");
  }
  return small;
}

/** True when data files were replaced. A rewrite of manifests alone reports no data files. */
export const isCompaction = (snapshot: Snapshot): boolean =>
  snapshot.operation === "replace" && numberIn(snapshot, "deleted-data-files") > 0;

function smallOf(snapshot: Snapshot, kind: "total" | "added"): number {
  const files = numberIn(snapshot, `${kind}-data-files`);
  const size = numberIn(snapshot, `${kind}-files-size`);
  return files > 0 && size / files < smallFileBytes ? files : 0;
}

const numberIn = (snapshot: Snapshot | undefined, name: string): number =>
  Number(snapshot?.summary[name] ?? 0);
