import { usage } from "../../core/errors.js";
import type { Table } from "../../iceberg/catalog.js";
import { ancestorsOf } from "../../lake/lineage.js";
import type { Tables } from "../../lake/tables.js";
import { neededOf } from "./needed.js";
import type { Operation } from "./tend.js";

/** Which of them are to be done. Ages in milliseconds. */
export interface Chores {
  /** Snapshots that are older go, with the files that only they name; but the last `keep`, and what somebody needs, stay. */
  readonly expire?: { readonly olderThanMs: number; readonly keep: number };
  /** Small manifests are put together: planning a query opens each of them. */
  readonly manifests?: true;
  /** Files that no snapshot names, and that are older, go: what killed jobs have left. */
  readonly orphans?: { readonly olderThanMs: number; readonly risk?: boolean };
}

const dayMs = 86_400_000;

/** @throws PipectlError (usage) `age_dangerous` for an age at which a writer may still be at work on such files */
export function requireSafeAge({ orphans }: Chores, dryRun: boolean): void {
  if (dryRun || orphans === undefined || orphans.risk === true || orphans.olderThanMs >= dayMs) return;
  throw usage(
    "age_dangerous",
    "the age is less than a day: files of a job that has not committed yet look just like those that nobody needs",
    { hint: "1d or more; --delete-files-of-writers-at-work if you know that there is none" },
  );
}

/** What there is to do on a table, in this order. */
export function operationsOn(
  kind: keyof Tables,
  tables: Partial<Tables>,
  chores: Chores,
  dryRun: boolean,
): Operation[] {
  const { expire, manifests, orphans } = chores;
  const table = tables[kind] as Table;
  const on = { ...table.id, "dry-run": String(dryRun) };
  const before = (ms: number) => String(Date.now() - ms);
  return [
    ...(expire === undefined || expirable(table, chores) === 0
      ? []
      : [
          {
            task: "expire" as const,
            ...on,
            "older-than": before(expire.olderThanMs),
            "retain-last": String(expire.keep),
            "keep-from": neededOf(kind, tables).from ?? "",
          },
        ]),
    ...(manifests === undefined || table.current === undefined
      ? []
      : [{ task: "manifests" as const, ...on }]),
    ...(orphans === undefined
      ? []
      : [{ task: "orphans" as const, ...on, "older-than": before(orphans.olderThanMs) }]),
  ];
}

/** Snapshots that are old enough and not among the last ones, whoever needs them. */
export function expirable(table: Table, { expire }: Chores): number {
  if (expire === undefined) return 0;
  const last = new Set(
    ancestorsOf(table)
      .slice(0, expire.keep)
      .map(({ id }) => id),
  );
  const named = new Set(Object.values(table.refs));
  const limit = Date.now() - expire.olderThanMs;
  return table.snapshots.filter((one) => one.timestampMs < limit && !last.has(one.id) && !named.has(one.id))
    .length;
}
