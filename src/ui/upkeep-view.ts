import { bytes, count, duration } from "../core/format.js";
import type { Compaction } from "../pipeline/maintain/compact.js";
import type { TableHealth } from "../pipeline/maintain/health.js";
import { table } from "./table.js";

export function tablesView(tables: readonly TableHealth[]): string {
  if (tables.length === 0) return "there are no tables yet: pipectl process creates them";
  const number = (title: string) => ({ title, right: true });
  return table(
    [
      { title: "TABLE" },
      ...["ROWS", "FILES", "AVERAGE", "SMALL", "DELETES", "SNAPSHOTS", "DATA"].map(number),
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
