import { usage } from "../../core/errors.js";
import type { Table } from "../../iceberg/catalog.js";
import { ancestorsOf } from "../../lake/lineage.js";
import { hasDeletes } from "../../lake/summed-rows.js";
import type { Tables } from "../../lake/tables.js";
import type { Operation } from "./maintenance-job.js";
import { retentionOf } from "./retention.js";

/** The requested operations. Ages in milliseconds. */
export interface MaintenancePlan {
  /** Rows that other engines have marked in delete files leave the data files: until then every reader merges them. */
  readonly deletes?: true;
  /** Older snapshots expire, with the files that only they reference. The last `keep` and those that somebody needs stay. */
  readonly expire?: { readonly olderThanMs: number; readonly keep: number };
  /** Small manifests are merged: planning a query opens each of them. */
  readonly manifests?: true;
  /** Older files that no snapshot references are deleted, such as those of killed jobs. */
  readonly orphans?: { readonly olderThanMs: number; readonly risk?: boolean };
}

const dayMs = 86_400_000;

/** @throws PipectlError (usage) `age_dangerous` for an age at which a writer may still be using such files */
export function requireSafeAge({ orphans }: MaintenancePlan, dryRun: boolean): void {
  if (dryRun || orphans === undefined || orphans.risk === true || orphans.olderThanMs >= dayMs) return;
  throw usage(
    "age_dangerous",
    "the age is less than a day: files of a job that has not committed yet look like unused ones",
    { hint: "use 1d or more, or --delete-files-of-writers-at-work if no writer is active" },
  );
}

/** The operations to run on a table, in this order. */
export function operationsOn(
  kind: keyof Tables,
  tables: Partial<Tables>,
  plan: MaintenancePlan,
  dryRun: boolean,
): Operation[] {
  const { deletes, expire, manifests, orphans } = plan;
  const table = tables[kind] as Table;
  const on = { ...table.id, "dry-run": String(dryRun) };
  const before = (ms: number) => String(Date.now() - ms);
  return [
    ...(deletes === undefined || !hasDeletes(table.current) ? [] : [{ task: "deletes" as const, ...on }]),
    ...(expire === undefined || expirable(table, plan) === 0
      ? []
      : [
          {
            task: "expire" as const,
            ...on,
            "older-than": before(expire.olderThanMs),
            "retain-last": String(expire.keep),
            "keep-from": retentionOf(kind, tables).from ?? "",
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

/** The number of snapshots that are old enough and not among the last ones, whether somebody needs them or not. */
export function expirable(table: Table, { expire }: MaintenancePlan): number {
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
