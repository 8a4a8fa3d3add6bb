import { failed } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { requirePublished } from "../../ledger/account.js";
import type { Workspace } from "../../workspace/workspace.js";
import { catchUp } from "./catch-up.js";
import { hasFailed, type Operation, type Outcome, runMaintenance } from "./maintenance-job.js";
import { expirable, type MaintenancePlan, operationsOn, requireSafeAge } from "./maintenance-plan.js";
import { type ProtectedFromMaintenance, protectedOf } from "./protected.js";
import { retentionOf } from "./retention.js";
import { tablesAmong, underLock } from "./under-lock.js";

/** Maintenance done to a table's metadata and files. An operation that was not requested or not needed is left out. */
export interface MaintainedTable {
  readonly table: string;
  readonly deletes?: AppliedDeletes;
  readonly expired?: Expired;
  readonly manifests?: Manifests;
  readonly orphans?: Orphans;
}

/** Delete files of merge-on-read engines, which are in the table no more. */
export interface AppliedDeletes {
  readonly deleteFiles: number;
  /** Data files that had rows which they mark. */
  readonly files: number;
}

export interface Expired {
  readonly snapshotsBefore: number;
  readonly snapshotsAfter: number;
  /** Files that were deleted, by kind; null for a dry run. */
  readonly files: Readonly<Record<string, number>> | null;
  /** Why the oldest remaining snapshot was kept. */
  readonly keptFor: string;
}

export interface Manifests {
  readonly manifestsBefore: number;
  readonly manifestsAfter: number;
}

/** Sizes in bytes. */
export interface Orphans {
  /** All files under the table's location. */
  readonly files: number;
  readonly orphans: number;
  readonly bytes: number;
  /** Unreferenced, but younger than the age limit. */
  readonly kept: number;
  /** Old enough, but with the name of a referenced file that was not found under its own path. */
  readonly doubtful: number;
  /** Orphans that could not be deleted. */
  readonly undeleted: number;
  readonly examples: readonly string[];
}

/**
 * Runs these operations on some of the tables, also while a stream writes to them.
 *
 * @throws PipectlError (usage) `age_dangerous`; (failed) `table_missing`, `upkeep_failed` with what Iceberg says
 */
export async function maintainTables(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  plan: MaintenancePlan,
  dryRun: boolean,
): Promise<MaintainedTable[]> {
  requireSafeAge(plan, dryRun);
  return await underLock(workspace, dryRun, () => maintainUnderLock(workspace, kinds, plan, dryRun));
}

/** Only for the owner of the lock "run", unless it is a dry run. */
export async function maintainUnderLock(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  plan: MaintenancePlan,
  dryRun: boolean,
): Promise<MaintainedTable[]> {
  const { dataset, report } = workspace;
  const tables = await caughtUpTables(workspace, kinds, plan, dryRun);
  const found = tablesAmong(workspace, tables, kinds);
  const protections = await protectedOf(workspace, tables);
  const work = found.flatMap(([kind]) =>
    operationsOn(kind, tables, plan, dryRun)
      .filter(({ task }) => !isProtected(workspace, protections, kind, task, plan))
      .map((operation) => ({ kind, operation })),
  );
  if (work.length > 0) report({ type: "step", text: `Maintenance: ${describe(work)}` });
  const outcomes = await runMaintenance<object>(
    workspace,
    work.map(({ operation }) => operation),
  );
  const failures = work.flatMap(({ kind, operation: { task } }, i) => {
    const why = failureOf(outcomes[i] as Outcome<object>);
    return why === undefined ? [] : [`${dataset.tables[kind].qualified}: ${words[task]}: ${why}`];
  });
  if (failures.length > 0) {
    throw failed("upkeep_failed", failures.join("\n"), {
      hint: "everything else is done, and the tables are intact; run the same command again for the rest",
    });
  }
  return found.map(([kind]) => {
    const outcomeOf = (task: Operation["task"]) =>
      outcomes[work.findIndex((one) => one.kind === kind && one.operation.task === task)];
    return maintainedTable(workspace, kind, tables, plan, dryRun, outcomeOf);
  });
}

/** Loads the tables, after moving the recorded snapshots up so that no older ones are needed. */
async function caughtUpTables(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  plan: MaintenancePlan,
  dryRun: boolean,
): Promise<Partial<Tables>> {
  const { catalog, dataset, report } = workspace;
  const tables = await loadTables(catalog, dataset);
  if (!dryRun) requirePublished(tables);
  const expires = tablesAmong(workspace, tables, kinds).some(([, table]) => expirable(table, plan) > 0);
  if (!expires) return tables;
  if (dryRun) {
    const text = "without --dry-run the account is moved up first, so that more may expire";
    report({ type: "note", text });
    return tables;
  }
  await catchUp(workspace);
  return await loadTables(catalog, dataset);
}

function isProtected(
  { dataset, report }: Workspace,
  protections: ProtectedFromMaintenance,
  kind: keyof Tables,
  task: Operation["task"],
  { orphans }: MaintenancePlan,
): boolean {
  // With this option the user vouches that no writer is active.
  const why =
    task === "expire" || (task === "orphans" && orphans?.risk !== true) ? protections[task][kind] : undefined;
  if (why === undefined) return false;
  report({ type: "warning", text: `${dataset.tables[kind].qualified}: ${words[task]} stay: ${why}` });
  return true;
}

function maintainedTable(
  { dataset }: Workspace,
  kind: keyof Tables,
  tables: Partial<Tables>,
  { expire }: MaintenancePlan,
  dryRun: boolean,
  outcomeOf: (task: Operation["task"]) => Outcome<object> | undefined,
): MaintainedTable {
  const deletes = outcomeOf("deletes") as AppliedDeletes | undefined;
  const manifests = outcomeOf("manifests") as Manifests | undefined;
  const orphans = outcomeOf("orphans") as Orphans | undefined;
  return {
    table: dataset.tables[kind].qualified,
    ...(deletes === undefined ? {} : { deletes }),
    ...(expire === undefined
      ? {}
      : { expired: expiryOf(kind, tables, expire.keep, dryRun, outcomeOf("expire")) }),
    ...(manifests === undefined ? {} : { manifests }),
    ...(orphans === undefined ? {} : { orphans }),
  };
}

/** An unreferenced file does no harm, but it should have been deleted. */
function failureOf(outcome: Outcome<{ readonly undeleted?: number }>): string | undefined {
  if (hasFailed(outcome)) return outcome.error;
  const { undeleted = 0 } = outcome;
  return undeleted > 0 ? `${plural(undeleted, "file")} could not be deleted; vacuum finds them` : undefined;
}

const words: Partial<Readonly<Record<Operation["task"], string>>> = {
  deletes: "rows in delete files",
  expire: "old snapshots",
  manifests: "manifests",
  orphans: "unreferenced files",
};

const describe = (work: readonly { readonly operation: Operation }[]): string =>
  [...new Set(work.map(({ operation: { task } }) => words[task]))].join(", ");

const noFiles = { data: 0, deletes: 0, manifests: 0, manifestLists: 0, statistics: 0 };

function expiryOf(
  kind: keyof Tables,
  tables: Partial<Tables>,
  keep: number,
  dryRun: boolean,
  outcome: Outcome<object> | undefined,
): Expired {
  const { by, depth } = retentionOf(kind, tables);
  const keptFor = depth > keep ? by : `the last ${keep}`;
  const all = tables[kind]?.snapshots.length ?? 0;
  if (outcome === undefined)
    return { snapshotsBefore: all, snapshotsAfter: all, files: dryRun ? null : noFiles, keptFor };
  const { snapshotsBefore, snapshotsAfter, files } = outcome as Expired;
  return { snapshotsBefore, snapshotsAfter, files, keptFor };
}
