import { failed, usage } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import type { Table } from "../../iceberg/catalog.js";
import { requirePublished } from "../account.js";
import { ancestorsOf } from "../history.js";
import { loadTables, type Tables } from "../tables.js";
import type { Workspace } from "../workspace.js";
import { atWork, tablesAmong } from "./at-work.js";
import { neededOf } from "./needed.js";
import { settle } from "./settle.js";
import { type Spared, sparedOf } from "./spared.js";
import { hasFailed, type Operation, type Outcome, tend } from "./tend.js";

/** What has been done to a table by its metadata alone; what was not asked for, or needed no look, is not there. */
export interface Tended {
  readonly table: string;
  readonly expired?: Expired;
  readonly manifests?: Manifests;
  readonly orphans?: Orphans;
}

export interface Expired {
  readonly snapshotsBefore: number;
  readonly snapshotsAfter: number;
  /** Files that were deleted, by kind; null for a dry run. */
  readonly files: Readonly<Record<string, number>> | null;
  /** Why the oldest one that is left stays. */
  readonly keptFor: string;
}

export interface Manifests {
  readonly manifestsBefore: number;
  readonly manifestsAfter: number;
}

/** Sizes in bytes. */
export interface Orphans {
  /** Below the table's location. */
  readonly files: number;
  readonly orphans: number;
  readonly bytes: number;
  /** Named by nothing, but younger than the age. */
  readonly kept: number;
  /** Old enough, but of the name of a file in use that did not show up under its own path. */
  readonly doubtful: number;
  /** That were to go, and could not be deleted. */
  readonly undeleted: number;
  readonly examples: readonly string[];
}

/** Which of them are to be done. Ages in milliseconds. */
export interface Chores {
  /** Snapshots that are older go, with the files that only they name; but the last `keep`, and what somebody needs, stay. */
  readonly expire?: { readonly olderThanMs: number; readonly keep: number };
  /** Small manifests are put together: planning a query opens each of them. */
  readonly manifests?: true;
  /** Files that no snapshot names, and that are older, go: what killed jobs have left. */
  readonly orphans?: { readonly olderThanMs: number; readonly risk?: boolean };
}

/**
 * Does such chores on some of the tables; a stream may be at work on them.
 *
 * @throws PipectlError (usage) `age_dangerous`; (failed) `table_missing`, `upkeep_failed` with what Iceberg says
 */
export async function upkeep(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  chores: Chores,
  dryRun: boolean,
): Promise<Tended[]> {
  requireSafeAge(chores, dryRun);
  return await atWork(workspace, dryRun, () => tendTables(workspace, kinds, chores, dryRun));
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

/** Only for the owner of the lock "run", unless it is a dry run. */
export async function tendTables(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  chores: Chores,
  dryRun: boolean,
): Promise<Tended[]> {
  const { catalog, dataset, report } = workspace;
  let tables = await loadTables(catalog, dataset);
  if (!dryRun) requirePublished(tables);
  if (tablesAmong(workspace, tables, kinds).some(([, table]) => expirable(table, chores) > 0)) {
    if (dryRun)
      report({ type: "note", text: "the account is moved up first, which a dry run does not: more may go" });
    else await settle(workspace);
    tables = await loadTables(catalog, dataset);
  }
  const spared = await sparedOf(workspace, tables);
  const work = tablesAmong(workspace, tables, kinds).map(([kind, table]) => {
    const own = operationsOn(kind, table, tables, chores, dryRun).filter(({ task }) => {
      const why = isSparing(task, chores) ? spared[task][kind] : undefined;
      if (why !== undefined)
        report({ type: "warning", text: `${dataset.tables[kind].qualified}: ${words[task]} stay: ${why}` });
      return why === undefined;
    });
    return [kind, table, own] as const;
  });
  const operations = work.flatMap(([, , own]) => own);
  if (operations.length > 0) report({ type: "step", text: `Upkeep: ${describe(operations)}` });
  const outcomes = await tend<Tended[keyof Tended]>(workspace, operations);
  const failures: string[] = [];
  let at = 0;
  const done = work.map(([kind, table, own]): Tended => {
    const { qualified } = dataset.tables[kind];
    const results = own.map(({ task }) => [task, outcomes[at++] as Outcome<object>] as const);
    for (const [task, outcome] of results) {
      const why = failureOf(outcome);
      if (why !== undefined) failures.push(`${qualified}: ${words[task]}: ${why}`);
    }
    const result = (task: Operation["task"]) => results.find(([one]) => one === task)?.[1];
    const manifests = result("manifests") as Manifests | undefined;
    const orphans = result("orphans") as Orphans | undefined;
    return {
      table: qualified,
      ...(chores.expire === undefined
        ? {}
        : { expired: expiredOf(kind, table, tables, chores.expire.keep, dryRun, result("expire")) }),
      ...(manifests === undefined ? {} : { manifests }),
      ...(orphans === undefined ? {} : { orphans }),
    };
  });
  if (failures.length === 0) return done;
  throw failed("upkeep_failed", failures.join("\n"), {
    hint: "everything else is done, and the tables are whole; the same command again does what is left",
  });
}

/** A file that nothing names any more does no harm, but it was to go. */
function failureOf(outcome: Outcome<{ readonly undeleted?: number }>): string | undefined {
  if (hasFailed(outcome)) return outcome.error;
  const { undeleted = 0 } = outcome;
  return undeleted > 0 ? `${plural(undeleted, "file")} could not be deleted; vacuum finds them` : undefined;
}

/** Who says that no writer is at work on files is believed. */
const isSparing = (task: Operation["task"], { orphans }: Chores): task is keyof Spared =>
  task === "expire" || (task === "orphans" && orphans?.risk !== true);

const words = {
  expire: "old snapshots",
  manifests: "manifests",
  orphans: "files that nothing names",
  position: "",
} as const;

const describe = (operations: readonly Operation[]): string =>
  [...new Set(operations.map(({ task }) => words[task]))].join(", ");

function operationsOn(
  kind: keyof Tables,
  table: Table,
  tables: Partial<Tables>,
  chores: Chores,
  dryRun: boolean,
): Operation[] {
  const { expire, manifests, orphans } = chores;
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
function expirable(table: Table, { expire }: Chores): number {
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

const noFiles = { data: 0, deletes: 0, manifests: 0, manifestLists: 0, statistics: 0 };

function expiredOf(
  kind: keyof Tables,
  table: Table,
  tables: Partial<Tables>,
  keep: number,
  dryRun: boolean,
  outcome: Outcome<object> | undefined,
): Expired {
  const { from, by } = neededOf(kind, tables);
  const ancestors = ancestorsOf(table);
  const needed = from === "all" ? ancestors.length : ancestors.findIndex(({ id }) => id === from) + 1;
  const keptFor = needed > keep ? by : `the last ${keep}`;
  const all = table.snapshots.length;
  if (outcome === undefined)
    return { snapshotsBefore: all, snapshotsAfter: all, files: dryRun ? null : noFiles, keptFor };
  const { snapshotsBefore, snapshotsAfter, files } = outcome as Expired;
  return { snapshotsBefore, snapshotsAfter, files, keptFor };
}
