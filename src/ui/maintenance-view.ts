import { bytes, count, duration, plural } from "../core/format.js";
import { sum } from "../core/sum.js";
import type { Compaction } from "../pipeline/maintain/compact.js";
import type { TableHealth } from "../pipeline/maintain/health.js";
import type { MaintainResult } from "../pipeline/maintain/maintain.js";
import type {
  AppliedDeletes,
  Expired,
  MaintainedTable,
  Manifests,
  Orphans,
} from "../pipeline/maintain/maintain-tables.js";
import { table } from "./table.js";

export function tablesView(tables: readonly TableHealth[]): string {
  if (tables.length === 0) return "there are no tables yet: pipectl process creates them";
  const number = (title: string) => ({ title, right: true });
  return table(
    [
      { title: "TABLE" },
      ...["ROWS", "FILES", "AVERAGE", "SMALL", "DELETES", "SNAPSHOTS", "DATA", "METADATA"].map(number),
      { title: "LAST COMMIT" },
      { title: "VERDICT" },
    ],
    tables.map((one) => [
      one.table,
      count(one.rows),
      count(one.files),
      bytes(one.averageFileBytes),
      count(one.smallFiles),
      count(one.deleteFiles),
      count(one.snapshots),
      bytes(one.bytes),
      bytes(one.metadataBytes),
      one.lastCommit === null ? "never" : `${duration(Date.now() - Date.parse(one.lastCommit))} ago`,
      one.verdict,
    ]),
  );
}

export function compactView(compactions: readonly Compaction[], dryRun: boolean): string {
  return compactions.map((one) => `${one.table}: ${compacted(one, dryRun)}`).join("\n");
}

function compacted({ before, after, snapshot, attempts, seconds }: Compaction, dryRun: boolean): string {
  const there = `${count(before.files)} files, ${bytes(before.averageFileBytes)} on average`;
  if (snapshot === null)
    return `${there}; ${dryRun ? `${count(before.smallFiles)} of them small` : "nothing to gain"}`;
  const tries = attempts === 1 ? "" : `, ${attempts} attempts`;
  return `${there}, are now ${count(after.files)}, ${bytes(after.averageFileBytes)} on average; ${bytes(before.bytes)} became ${bytes(after.bytes)} (${duration(seconds * 1000)}${tries})`;
}

export function maintenanceView(maintained: MaintainedTable, dryRun: boolean): string {
  return `${maintained.table}: ${partsOf(maintained, dryRun).join("\n  ")}`;
}

export function maintainView({ repaired, tables, seconds }: MaintainResult, dryRun: boolean): string {
  const repairs = repaired.map(
    ({ stream, why, job }) =>
      `stream of ${stream}: ${why}; ${job === null ? "it would be begun anew" : `begun anew, job ${job}`}`,
  );
  const lines = tables.map(({ compaction, smallFiles, files, compactFrom, ...maintained }) => {
    const first =
      compaction === null
        ? `not compacted: ${count(smallFiles)} of ${count(files)} files are small, and it begins at ${count(compactFrom)}`
        : compacted(compaction, dryRun);
    return [`${maintained.table}: ${first}`, ...partsOf(maintained, dryRun)].join("\n  ");
  });
  const end = dryRun ? "nothing was changed" : `done in ${duration(seconds * 1000)}`;
  return [...repairs, ...lines, end].join("\n");
}

function partsOf({ deletes, expired, manifests, orphans }: MaintainedTable, dryRun: boolean): string[] {
  return [
    ...(deletes === undefined ? [] : [deletesText(deletes, dryRun)]),
    ...(expired === undefined ? [] : [expiredText(expired, dryRun)]),
    ...(manifests === undefined ? [] : [manifestsText(manifests, dryRun)]),
    ...(orphans === undefined ? [] : orphansText(orphans, dryRun)),
  ];
}

function deletesText({ deleteFiles, files }: AppliedDeletes, dryRun: boolean): string {
  return `${plural(deleteFiles, "delete file")} ${dryRun ? "would be applied to" : "applied to"} ${plural(files, "data file")}`;
}

function expiredText({ snapshotsBefore, snapshotsAfter, files, keptFor }: Expired, dryRun: boolean): string {
  if (snapshotsBefore === snapshotsAfter) return `${count(snapshotsBefore)} snapshots, none to expire`;
  const gone = sum(Object.values(files ?? {}));
  const rest = dryRun ? "" : `; ${count(gone)} files deleted`;
  return `${count(snapshotsBefore)} snapshots, ${count(snapshotsAfter)} ${dryRun ? "would stay" : "stay"} (the oldest for ${keptFor})${rest}`;
}

function manifestsText({ manifestsBefore, manifestsAfter }: Manifests, dryRun: boolean): string {
  if (manifestsBefore === manifestsAfter) return `${count(manifestsBefore)} manifests, nothing to gain`;
  return `${count(manifestsBefore)} manifests, ${dryRun ? "would be" : "now"} ${count(manifestsAfter)}`;
}

function orphansText(
  { files, orphans, bytes: size, kept, doubtful, examples }: Orphans,
  dryRun: boolean,
): string[] {
  const done = dryRun || orphans === 0 ? "" : " deleted";
  return [
    `${count(files)} files, ${count(orphans)} that nothing names (${bytes(size)})${done}, ${count(kept)} too young to tell${doubtful > 0 ? `, ${count(doubtful)} in doubt` : ""}`,
    ...examples.map((path) => `  ${path}`),
  ];
}
