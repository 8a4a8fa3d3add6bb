import { randomBytes } from "node:crypto";
import { failed } from "../../core/errors.js";
import type { Table } from "../../iceberg/catalog.js";
import { endLeftovers } from "../leftovers.js";
import { exclusively } from "../lock.js";
import { jobArguments, tendJob } from "../own-jobs.js";
import { jobEnd } from "../submit.js";
import { loadTables, type Tables } from "../tables.js";
import { forCleanup, type Workspace } from "../workspace.js";

/** What one task of `io.pipectl.job.Tend` is told, beyond its table. */
export interface Task {
  readonly task: "expire" | "manifests" | "orphans";
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Runs a task of table maintenance on each of some tables, one after the other, by a small job of ours: it needs a JVM with
 * Iceberg that reaches the files, and the cluster is one that every runtime has.
 *
 * @param before what has to be done first, with nobody else at work
 * @param taskFor what the job is told about a table
 * @returns what it has done, by table
 */
export async function tend<T>(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  dryRun: boolean,
  taskFor: (kind: keyof Tables, tables: Partial<Tables>) => Task,
  before: () => Promise<void> = async () => {},
): Promise<({ readonly table: string } & T)[]> {
  const all = async () => {
    if (!dryRun) {
      await endLeftovers(workspace);
      await before();
    }
    const done: ({ readonly table: string } & T)[] = [];
    for (const kind of kinds) {
      const tables = await loadTables(workspace.catalog, workspace.dataset);
      const table = tables[kind];
      const { qualified } = workspace.dataset.tables[kind];
      if (table === undefined)
        throw failed("table_missing", `there is no table ${qualified}`, {
          hint: "pipectl process creates it",
        });
      done.push({ table: qualified, ...(await runTask<T>(workspace, table, dryRun, taskFor(kind, tables))) });
    }
    return done;
  };
  // Before the lock: a command that finds no stack leaves no file of one.
  await workspace.catalog.ping();
  return dryRun ? await all() : await exclusively(workspace, "run", all);
}

async function runTask<T>(
  workspace: Workspace,
  table: Table,
  dryRun: boolean,
  { task, options }: Task,
): Promise<T> {
  const { runtime, config, report } = workspace;
  const { namespace, table: name } = table.id;
  report({ type: "step", text: `${steps[task]} of ${namespace}.${name}` });
  const job = `${tendJob}${namespace}.${name} ${randomBytes(4).toString("hex")}`;
  const args = jobArguments(workspace, job, table.id, { task, "dry-run": String(dryRun), ...options });
  // Once begun it is not broken off: the job might come after the look for it.
  const { flink } = forCleanup(workspace);
  const submission = flink.runJar(await runtime.jobJar(), "io.pipectl.job.Tend", args);
  const { id } = await jobEnd(workspace, submission, { name: job }, config.values.JOB_TIMEOUT);
  // A list of one object: as Java shows it that is JSON.
  const [result] = JSON.parse((await flink.accumulator(id, "result")) ?? "[]") as T[];
  if (result !== undefined) return result;
  throw failed("tend_silent", `job ${id} (${job}) has ended, but Flink does not show what it did`, {
    hint: "pipectl tables; the same command again does what is left",
  });
}

const steps = {
  expire: "Old snapshots",
  manifests: "Manifests",
  orphans: "Files that nothing names",
} as const;
