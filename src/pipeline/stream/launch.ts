import { failed, PipectlError } from "../../core/errors.js";
import { poll, settledWithin } from "../../core/poll.js";
import { literal } from "../../core/sql-quotes.js";
import { patienceMs, runFile } from "../../execution/run-job.js";
import type { RunSession } from "../../execution/run-session.js";
import { type RunContext, sqlContext } from "../../execution/sql-context.js";
import { causeOf } from "../../flink/jobs.js";
import { type JobState, terminalStates } from "../../flink/rest.js";
import { type FileName, renderFiles, writeFiles } from "../../sql/files.js";
import type { Workspace } from "../../workspace/workspace.js";

/** A streaming job to start. */
export interface Launch {
  /** Chosen by pipectl, so that the tables know the job before it writes to them. */
  readonly id: string;
  readonly file: FileName;
  readonly context: RunContext;
  /** Path of the state to resume from. */
  readonly statePath?: string | undefined;
  /** Called last, before anything is submitted. */
  readonly record?: () => Promise<void>;
}

/**
 * Submits a streaming job in its own session, and returns when it is RUNNING.
 *
 * @throws PipectlError (failed) `stream_failed` when it ends at once, for example because the state is incomplete or belongs
 *   to another job
 */
export async function launch(
  workspace: Workspace,
  session: RunSession,
  { id, file, context, statePath, record }: Launch,
): Promise<JobState> {
  const { config, dataset, runtime, signal } = workspace;
  const sqlFiles = renderFiles(
    config.root,
    ["00_catalog", "01_source", file],
    sqlContext(config, dataset, runtime.inside, { ...context, batch: false }),
  );
  // A job that reads no topic must not overwrite the source file, which shows what was submitted for one that does.
  const keep = context.ranges === undefined ? "01_source" : undefined;
  const paths = writeFiles(config.root, new Map([...sqlFiles].filter(([name]) => name !== keep)));
  await session.prepare(sqlFiles, paths);
  const sql = await session.get();
  await sql.execute(`SET '$internal.pipeline.job-id' = '${id}'`, signal);
  if (statePath !== undefined)
    await sql.execute(`SET 'execution.state-recovery.path' = ${literal(statePath)}`, signal);
  await record?.();
  const [path, statements] = [paths.get(file) as string, sqlFiles.get(file) as string];
  await seenThrough(workspace, id, runFile(sql, path, statements, signal, workspace.unaborted.signal));
  return await untilRunning(workspace, id, statePath !== undefined);
}

/**
 * True if Flink may have refused the state, because it is incomplete or belongs to another job. Flink's client reports a job
 * that fails during initialization as a failed statement.
 */
export const mayBeItsState = (error: unknown): error is PipectlError =>
  error instanceof PipectlError && ["stream_failed", "sql_failed"].includes(error.code);

/**
 * Time limit of a submission in milliseconds: planning is slow in a cold gateway, and Flink's client waits until the job is
 * initialized.
 */
const submissionMs = 180_000;

/**
 * Waits for a submission, and reports the job's state in Flink meanwhile. After Ctrl-C it still waits a while for a statement
 * that was sent: otherwise the job would start when nobody looks for it any more.
 */
async function seenThrough(
  { flink, signal, report }: Workspace,
  id: string,
  submission: Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const waited = poll<never>(
    async (why) => {
      why(`it is ${(await flink.jobState(id)) ?? "not there"}`);
      return undefined;
    },
    {
      what: `Flink to accept job ${id}`,
      timeoutMs: submissionMs,
      signal: AbortSignal.any([signal, over.signal]),
      report,
      intervalMs: 1_000,
      hint: "pipectl jobs; pipectl logs jobmanager",
    },
  );
  for (const one of [submission, waited]) one.catch(() => {});
  try {
    await Promise.race([submission, waited]);
  } catch (error) {
    if (signal.aborted) await settledWithin(submission, patienceMs);
    throw error;
  } finally {
    over.abort();
  }
}

async function untilRunning(
  { flink, signal, report }: Workspace,
  id: string,
  withState: boolean,
): Promise<JobState> {
  return await poll(
    async (why) => {
      const state = await flink.jobState(id);
      why(`it is ${state ?? "not there"}`);
      if (state === "RUNNING") return state;
      if (state !== undefined && terminalStates.has(state)) {
        const cause = await causeOf(flink, id, signal);
        throw failed("stream_failed", `job ${id} is ${state}: ${cause}`, {
          hint: `pipectl logs jobmanager${withState ? "; pipectl process-streaming --from-tables starts without a state" : ""}`,
        });
      }
      return undefined;
    },
    { what: `job ${id} to run`, timeoutMs: 60_000, signal, report, hint: "pipectl jobs" },
  );
}
