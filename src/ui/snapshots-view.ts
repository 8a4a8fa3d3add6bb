import { count, plural } from "../core/format.js";
import type { RollbackPlan } from "../pipeline/maintain/rollback-plan.js";
import type { SnapshotLine, SnapshotList } from "../pipeline/maintain/snapshots.js";
import { table } from "./table.js";

export function snapshotsView(lists: readonly SnapshotList[]): string {
  if (lists.length === 0) return "there are no tables yet: pipectl process creates them";
  return lists.map(listView).join("\n\n");
}

function listView({ table: name, snapshots, more }: SnapshotList): string {
  if (snapshots.length === 0) return `${name}: nothing was ever written to it`;
  const number = (title: string) => ({ title, right: true });
  const lines = table(
    [
      { title: "SNAPSHOT" },
      { title: "COMMITTED (UTC)" },
      { title: "OPERATION" },
      ...["ADDED", "REMOVED", "ROWS", "FILES"].map(number),
      { title: "WRITTEN BY" },
      { title: "MARKS" },
    ],
    snapshots.map((one) => [
      one.id,
      `${one.committedAt.slice(0, 10)} ${one.committedAt.slice(11, 19)}`,
      one.operation,
      count(one.rowsAdded),
      count(one.rowsRemoved),
      count(one.rows),
      count(one.files),
      one.writer.job === null ? (one.writer.engine ?? "unknown") : `job ${one.writer.job}`,
      marksOf(one),
    ]),
  );
  const rest = more === 0 ? "" : `\nand ${plural(more, "older one")}: --limit ${snapshots.length + more}`;
  return `${name}\n${lines}${rest}`;
}

function marksOf({ current, inHistory, refs, neededBy }: SnapshotLine): string {
  return [
    ...(current ? ["current"] : []),
    ...(inHistory ? [] : ["not in the history"]),
    ...refs.filter((name) => name !== "main"),
    ...neededBy.map((by) => `for ${by}`),
  ].join(", ");
}

/** What a rollback will do, shown before the question. */
export function planView(plan: RollbackPlan): string {
  const { table: name, direction, from, to, snapshots, gone } = plan;
  if (direction === "none") return `${name} is at snapshot ${to.id} already: nothing to do`;
  const lines = [
    `${name}: ${direction} from snapshot ${from.id} of ${from.committedAt} to ${to.id} of ${to.committedAt}`,
    `${plural(snapshots, "snapshot")} ${direction === "back" ? "out of" : "back in"} sight; ${count(from.rows)} rows are ${count(to.rows)} then`,
    ...consequences(plan),
  ];
  if (gone === null)
    lines.push("whether Kafka still has all of these records nobody can tell: rows were changed after it");
  else if (gone > 0)
    lines.push(`Kafka no longer has ${plural(gone, "record")} of those: no run can take them again`);
  return lines.join("\n  ");
}

function consequences({ recount, silverAnew, streamsForgotten }: RollbackPlan): string[] {
  return [
    ...(recount
      ? [
          "the next bronze run counts every row by partition and offset, and ingests the missing records from Kafka",
        ]
      : []),
    ...(silverAnew ? ["the next silver run makes silver anew, from all of bronze"] : []),
    ...(streamsForgotten > 0
      ? ["the streams that were stopped begin where the tables end, not at their savepoints"]
      : []),
  ];
}

export function rolledBackView(plan: RollbackPlan, kind: string): string {
  if (plan.direction === "none") return planView(plan);
  const { table: name, from, to, next } = plan;
  return [
    `${name} is at snapshot ${to.id}, ${plural(to.rows, "row")}`,
    `  next    ${next}`,
    `  undo    pipectl rollback ${kind} --to ${from.id}   (before anything is written to it)`,
  ].join("\n");
}
