import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startDetached } from "../../core/exec.js";
import { openGateway } from "../../execution/sessions.js";
import { sqlContext } from "../../execution/sql-context.js";
import type { IcebergCatalog } from "../../iceberg/catalog.js";
import { tableDefinitions, tableKinds } from "../../lake/definitions.js";
import type { Range } from "../../lake/ranges.js";
import type { WarmUp } from "../../runtime/runtime.js";
import { type FileName, renderFiles } from "../../sql/files.js";
import { splitStatements } from "../../sql/statements.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";

export interface WarmUpResult {
  /** False when the runtime has nothing to warm up. */
  readonly warm: boolean;
  /** Services that have saved their class data for the next start. */
  readonly recorded: readonly string[];
  readonly seconds: number;
}

/** Records per partition that a warm-up reads, if the topic has any. */
const sample = 100;

/**
 * Runs the pipeline's own SQL once on tables in the scratch folder, so that the gateway, the JobManager and the TaskManager
 * have loaded and compiled what the first `process` needs. Then the services save their class data for the next start. The
 * user's topic is only read, and the user's tables are not used.
 */
export async function warmUp(workspace: Workspace): Promise<WarmUpResult> {
  const { catalog } = workspace;
  const { warmUp } = workspace.runtime;
  const start = performance.now();
  let recorded: readonly string[] = [];
  if (warmUp !== undefined) {
    // Checked before the lock, so that a command without a running stack does not create a lock file.
    await catalog.ping();
    recorded = await exclusively(workspace, "warm-up", () => warm(workspace, warmUp));
  }
  const seconds = Math.round(performance.now() - start) / 1000;
  return { warm: warmUp !== undefined, recorded, seconds };
}

async function warm(workspace: Workspace, { scratch, keepClassData }: WarmUp): Promise<readonly string[]> {
  const { report, signal } = workspace;
  const folder = join(scratch, "warm-up");
  report({ type: "step", text: "Running the pipeline's SQL on scratch tables" });
  try {
    await runPipeline(workspace, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  report({ type: "step", text: "Saving class data for the next start" });
  return await keepClassData(signal);
}

/** The namespace of the scratch tables. Nothing else uses it, and it is dropped when the warm-up ends. */
const namespace = "pipectl_warm_up";

async function runPipeline(workspace: Workspace, folder: string): Promise<void> {
  const { config, runtime, catalog, signal } = workspace;
  // Its jobs have this name. Jobs with the dataset's name belong to runs, and the next run would cancel them.
  const dataset = { ...workspace.dataset, name: "warm-up", tables: scratchTables };
  const definitions = tableDefinitions(dataset);
  // Leftovers of a killed warm-up.
  await dropTables(catalog);
  for (const kind of tableKinds) {
    const location = pathToFileURL(join(folder, kind)).href;
    await catalog.createTable(scratchTables[kind], { ...definitions[kind], location });
  }
  try {
    const ranges = await someRecords(workspace);
    const run = { run: workspace.dataset.name, ranges, batch: true };
    const context = sqlContext(config, dataset, runtime.inside, run);
    const names: FileName[] = ["00_catalog", "01_source"];
    if (ranges.length > 0) names.push("05_bronze");
    names.push("06_silver");
    const session = await openGateway(workspace);
    try {
      for (const [name, text] of renderFiles(config.root, names, context)) {
        for (const { sql } of splitStatements(name, text)) await session.execute(sql, signal);
      }
    } finally {
      await session.close();
    }
  } finally {
    await dropTables(workspace.unaborted.catalog);
  }
}

const scratchTable = (table: string) => ({ namespace, table, qualified: `${namespace}.${table}` });
const scratchTables = {
  bronze: scratchTable("bronze"),
  dlq: scratchTable("dlq"),
  silver: scratchTable("silver"),
};

async function dropTables(catalog: IcebergCatalog): Promise<void> {
  for (const kind of tableKinds) await catalog.dropTable(scratchTables[kind]);
  await catalog.dropNamespace(namespace);
}

/** The first records of each partition; none when there is no topic or no record. */
async function someRecords({ kafka, dataset }: Workspace): Promise<Range[]> {
  const topic = await kafka.topicOffsets(dataset.topic).catch(() => undefined);
  const partitions = topic?.partitions ?? [];
  if (partitions.every(({ first, end }) => first === end)) return [];
  return partitions.map(({ partition, first, end }) => ({
    partition,
    start: first,
    end: Math.min(end, first + sample),
    lost: 0,
    skipped: 0,
    present: 0,
  }));
}

/**
 * Starts `pipectl warm-up` in the background. It has the marker of the stack's processes, so that `down` ends it with them.
 */
export function startWarmUp({ config, runtime, report }: Workspace): void {
  if (runtime.warmUp === undefined) return;
  report({ type: "note", text: "warming up in the background" });
  const envFile = existsSync(config.envFile) ? ["--env-file", config.envFile] : [];
  startDetached(process.execPath, [join(config.root, "dist", "cli.js"), "warm-up", ...envFile], {
    outputFile: join(runtime.home, "log", "warm-up.out"),
    cwd: config.root,
    env: config.environment,
    shownAs: runtime.warmUp.processName("warm-up"),
  });
}
