import type { JobResult } from "../flink/jobs.js";
import { type FileName, type RenderedName, renderFiles, writeFiles } from "../sql/files.js";
import type { Needs } from "../workspace/workspace.js";
import { runJob } from "./run-job.js";
import type { RunSession } from "./run-session.js";
import { type RunContext, sqlContext } from "./sql-context.js";

/** A batch job of a run. */
export interface Batch {
  /** The template that it is rendered from. */
  readonly file: FileName;
  /** The name of the rendered file, where several are rendered from one template. */
  readonly as?: RenderedName;
  readonly jobName: string;
  readonly context: Omit<RunContext, "run" | "batch">;
  /** Records that it reads, where that is known. */
  readonly total?: number;
}

/**
 * Renders a batch job's SQL, writes it to `build/sql` for people to read, and runs it in the run's session. Returns when the job is
 * FINISHED. The catalog and source files of a prepared session are not written again: they stay as they were submitted.
 *
 * @throws what `runJob` throws
 */
export async function runBatch(
  workspace: Needs<"config" | "dataset" | "runtime" | "flink" | "report" | "signal" | "unaborted">,
  session: RunSession,
  { file, as = file, jobName, context, total }: Batch,
): Promise<JobResult> {
  const { config, dataset, runtime } = workspace;
  const run = { ...context, run: session.run, batch: true };
  const names = ["00_catalog", "01_source", file] as const;
  const files = renderFiles(config.root, names, sqlContext(config, dataset, runtime.inside, run));
  const sql = files.get(file) as string;
  const before = session.prepared() ? [] : [...files].filter(([name]) => name !== file);
  const paths = writeFiles(config.root, new Map<RenderedName, string>([...before, [as, sql]]));
  await session.prepare(files, paths);
  const job = {
    name: jobName,
    path: paths.get(as) as string,
    sql,
    ...(total === undefined ? {} : { total }),
  };
  return await runJob(workspace, await session.get(), job);
}
