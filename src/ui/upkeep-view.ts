import { bytes, count, duration } from "../core/format.js";
import type { Compaction } from "../pipeline/maintain/compact.js";
import type { TableHealth } from "../pipeline/maintain/health.js";
import type { Expired, Manifests, Orphans } from "../pipeline/maintain/upkeep.js";
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
  return compactions
    .map(({ table: name, before, after, snapshot, attempts, seconds }) => {
      const there = `${count(before.files)} files, ${bytes(before.averageFileBytes)} on average`;
      if (snapshot === null)
        return `${name}: ${there}; ${dryRun ? `${count(before.smallFiles)} of them small` : "nothing to gain"}`;
      const tries = attempts === 1 ? "" : `, ${attempts} attempts`;
      return `${name}: ${there}, are now ${count(after.files)}, ${bytes(after.averageFileBytes)} on average; ${bytes(before.bytes)} became ${bytes(after.bytes)} (${duration(seconds * 1000)}${tries})`;
    })
    .join("\n");
}

export function expiredView(tables: readonly Expired[]): string {
  return tables
    .map(({ table: name, snapshotsBefore, snapshotsAfter, files, keptFor }) => {
      const gone = Object.values(files ?? {}).reduce((sum, n) => sum + n, 0);
      const rest = files === null ? "nothing was changed" : `${count(gone)} files deleted`;
      return `${name}: ${count(snapshotsBefore)} snapshots, ${count(snapshotsAfter)} stay (the oldest for ${keptFor}); ${rest}`;
    })
    .join("\n");
}

export function manifestsView(tables: readonly Manifests[]): string {
  return tables
    .map(
      ({ table: name, manifestsBefore, manifestsAfter }) =>
        `${name}: ${count(manifestsBefore)} manifests, ${manifestsAfter === manifestsBefore ? "nothing to gain" : `now ${count(manifestsAfter)}`}`,
    )
    .join("\n");
}

export function orphansView(tables: readonly Orphans[], dryRun: boolean): string {
  return tables
    .flatMap(({ table: name, files, orphans, bytes: size, kept, examples }) => [
      `${name}: ${count(files)} files, ${count(orphans)} that nothing names (${bytes(size)})${dryRun || orphans === 0 ? "" : " deleted"}, ${count(kept)} too young to tell`,
      ...examples.map((path) => `  ${path}`),
    ])
    .join("\n");
}
