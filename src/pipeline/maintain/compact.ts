import { failed, PipectlError } from "../../core/errors.js";
import { compactJob, runOwnJob } from "../../execution/own-jobs.js";
import type { Snapshot, Table, TableId } from "../../iceberg/catalog.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { readAccount } from "../../ledger/account.js";
import type { Workspace } from "../../workspace/workspace.js";
import { healthOf, isCompaction, type TableHealth } from "./health.js";
import { tablesAmong, underLock } from "./under-lock.js";

type Figures = Pick<TableHealth, "files" | "smallFiles" | "bytes" | "averageFileBytes">;

export interface Compaction {
  readonly table: string;
  readonly before: Figures;
  /** Equal to `before` when nothing was rewritten. */
  readonly after: Figures;
  /** The snapshot that replaced the files; null when there was nothing to compact. */
  readonly snapshot: string | null;
  /** The number of jobs: a commit that conflicts with another writer's is tried again. */
  readonly attempts: number;
  readonly seconds: number;
}

/** Iceberg's own default (write.target-file-size-bytes). */
const targetBytes = 512 * 1024 * 1024;
/** Per partition; Iceberg's own default for a rewrite. */
const minInputFiles = 5;
const attempts = 3;

/**
 * Rewrites the small files of tables into large ones; no row changes. A stream may be writing to them.
 *
 * @param kinds which of the dataset's tables
 * @param dryRun only reports what it would do
 * @throws PipectlError (failed) `compaction_failed` with Iceberg's reason; `account_untrusted`, `publication_unfinished`
 */
export async function compact(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  dryRun: boolean,
): Promise<Compaction[]> {
  return await underLock(workspace, dryRun, () => compactTables(workspace, kinds, dryRun));
}

/** Only for the owner of the lock "run", unless it is a dry run. */
export async function compactTables(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  dryRun: boolean,
): Promise<Compaction[]> {
  const tables = await loadTables(workspace.catalog, workspace.dataset);
  // Files of an unfinished publication must stay in place: the next run publishes them.
  if (tables.bronze !== undefined) readAccount(tables.bronze, tables.dlq);
  const done: Compaction[] = [];
  for (const [, table] of tablesAmong(workspace, tables, kinds))
    done.push(await compactTable(workspace, table, dryRun));
  return done;
}

async function compactTable(workspace: Workspace, table: Table, dryRun: boolean): Promise<Compaction> {
  const { report } = workspace;
  const started = performance.now();
  const before = healthOf(table);
  const result = (after: TableHealth, snapshot: string | null, tried: number): Compaction => ({
    table: before.table,
    before: figuresOf(before),
    after: figuresOf(after),
    snapshot,
    attempts: tried,
    seconds: Math.round(performance.now() - started) / 1000,
  });
  if (dryRun || before.smallFiles < minInputFiles) return result(before, null, 0);
  for (let attempt = 1; ; attempt++) {
    report({ type: "step", text: `Compacting ${before.table}: ${before.files} files` });
    const error = await runJob(workspace, table.id);
    if (error === nothingToGain) return result(before, null, attempt);
    const now = (await workspace.catalog.table(table.id)) ?? table;
    const replaced = replacementSince(table, now);
    if (replaced !== undefined) {
      requireSameRows(now, replaced);
      return result(healthOf(now), replaced.id, attempt);
    }
    // The job's own result proves nothing: a rewrite that lost its commit to another writer also ends without an error.
    const why = error ?? "another writer committed at the same time";
    if (attempt === attempts) {
      throw failed("compaction_failed", `${before.table} was not compacted: ${why}`, {
        hint: "nothing has changed; try again when fewer writers are active",
      });
    }
    report({ type: "warning", text: `${before.table}: ${why}; trying again` });
  }
}

const figuresOf = ({ files, smallFiles, bytes, averageFileBytes }: TableHealth): Figures => {
  return { files, smallFiles, bytes, averageFileBytes };
};

/** The job's result when no partition of the table has enough small files. */
const nothingToGain = "[nothing]";

/** @returns `nothingToGain`, or Iceberg's error; undefined when the job reports success */
async function runJob(workspace: Workspace, id: TableId): Promise<string | undefined> {
  const { values } = workspace.config;
  const own = {
    ...id,
    "target-bytes": String(targetBytes),
    "min-input-files": String(minInputFiles),
    parallelism: String(values.PARALLELISM),
  };
  const prefix = `${compactJob(workspace.dataset)}${id.namespace}.${id.table} `;
  try {
    const job = await runOwnJob(workspace, prefix, "Compact", own, values.JOB_TIMEOUT);
    const errors = await job.collected("errors", (value) => value !== "[]");
    return errors === "[none]" ? undefined : (errors ?? "Flink does not show the job's result");
  } catch (error) {
    if (error instanceof PipectlError && error.code === "job_failed") return error.message;
    throw error;
  }
}

/** The newest snapshot since `before` that has replaced files. */
function replacementSince(before: Table, now: Table): Snapshot | undefined {
  const known = new Set(before.snapshots.map(({ id }) => id));
  return now.snapshots
    .filter((one) => isCompaction(one) && !known.has(one.id))
    .sort((a, b) => b.timestampMs - a.timestampMs)[0];
}

/** Iceberg refuses a rewrite that changes rows. This check does not rely on that. */
function requireSameRows(table: Table, replaced: Snapshot): void {
  const parent = table.snapshots.find(({ id }) => id === replaced.parentId);
  if (parent === undefined || totalRecords(parent) === totalRecords(replaced)) return;
  throw failed(
    "compaction_failed",
    `snapshot ${replaced.id} has ${totalRecords(replaced)} rows, but the one before it has ${totalRecords(parent)}`,
    { hint: "pipectl validate --deep" },
  );
}
