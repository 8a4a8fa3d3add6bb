import { count, bytes as inBytes } from "../../core/format.js";
import { type Snapshot, type Table, totalRecords } from "../../iceberg/catalog.js";
import { ancestorsOf, isAppend } from "../../lake/lineage.js";
import { loadTables } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";

/** Of a table, what its own metadata say: no file is opened. */
export interface TableHealth {
  /** `namespace.table` */
  readonly table: string;
  readonly rows: number;
  /** Data files that readers open; those of deletes are not among them. */
  readonly files: number;
  readonly averageFileBytes: number;
  /** Files that came in commits of small ones since the last compaction. */
  readonly smallFiles: number;
  readonly deleteFiles: number;
  readonly snapshots: number;
  /** Of the data files that readers open. */
  readonly bytes: number;
  /** What each reader and writer loads before anything else; it grows with the snapshots that are kept. */
  readonly metadataBytes: number;
  /** ISO 8601; null when nothing was ever written. */
  readonly lastCommit: string | null;
  /** `ok`, or what would help and why. */
  readonly verdict: string;
}

/** How the dataset's tables are; those that do not exist yet are left out. */
export async function tables({
  catalog,
  dataset,
}: Pick<Workspace, "catalog" | "dataset">): Promise<TableHealth[]> {
  return Object.values(await loadTables(catalog, dataset)).map(healthOf);
}

/** A file of this size costs a reader hardly more to open than to read. */
const smallFileBytes = 32 * 1024 * 1024;
/** Fewer small files than this make hardly a difference to a reader. */
const manySmallFiles = 500;
/** The metadata file names each of them, and each commit writes it anew. */
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
        smallFiles >= manySmallFiles
          ? `compact: ${count(smallFiles)} small files, ${inBytes(averageFileBytes)} on average`
          : "",
        table.snapshots.length >= manySnapshots ? `expire: ${count(table.snapshots.length)} snapshots` : "",
      ]
        .filter((part) => part !== "")
        .join("; ") || "ok",
  };
}

/**
 * The command that helps tables which need it: snapshots of a stream that commits each few seconds are too many long before
 * they are a week old.
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
/** The first one is what `maintain` does anyway. */
const ages: readonly (readonly [option: string | undefined, ms: number])[] = [
  [undefined, 7 * 24 * hourMs],
  ["1d", 24 * hourMs],
  ["6h", 6 * hourMs],
  ["1h", hourMs],
];

/**
 * Files of the appends since the last compaction, where a commit's files are small on average. A commit that replaces
 * whole dates writes one file each, which no compaction makes fewer: it does not count.
 */
function smallFilesOf(ancestors: readonly Snapshot[]): number {
  let small = 0;
  for (const [i, snapshot] of ancestors.entries()) {
    if (isCompaction(snapshot)) break;
    if (!isAppend(snapshot)) continue;
    const forgotten = snapshot.parentId !== null && i === ancestors.length - 1;
    // Of what was written before the oldest snapshot that is left only the total is known.
    small += smallOf(snapshot, forgotten ? "total" : "added");
  }
  return small;
}

/** Files were replaced; where only manifests were, nothing is said of files. */
export const isCompaction = (snapshot: Snapshot): boolean =>
  snapshot.operation === "replace" && numberIn(snapshot, "deleted-data-files") > 0;

function smallOf(snapshot: Snapshot, kind: "total" | "added"): number {
  const files = numberIn(snapshot, `${kind}-data-files`);
  const size = numberIn(snapshot, `${kind}-files-size`);
  return files > 0 && size / files < smallFileBytes ? files : 0;
}

const numberIn = (snapshot: Snapshot | undefined, name: string): number =>
  Number(snapshot?.summary[name] ?? 0);
