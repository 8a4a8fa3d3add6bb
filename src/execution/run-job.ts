import { failed, messageOf, unavailable } from "../core/errors.js";
import { bytes } from "../core/format.js";
import { settledWithin } from "../core/poll.js";
import { cancelJobNamed, followJob, type JobResult, requireFinished } from "../flink/jobs.js";
import { SqlError, type SqlSession } from "../flink/session.js";
import { leastFreeBytes } from "../runtime/runtime.js";
import { type Statement, splitStatements } from "../sql/statements.js";
import type { Needs } from "../workspace/workspace.js";
import { withSettings } from "./settings-behind.js";

/**
 * Runs the statements of a rendered file, one after the other.
 *
 * @param signal when it is aborted, no further statement is begun
 * @param running aborts the current statement; by default the same signal
 */
export async function runFile(
  session: SqlSession,
  path: string,
  sql: string,
  signal: AbortSignal,
  running = signal,
): Promise<void> {
  for (const statement of splitStatements(path, sql)) {
    signal.throwIfAborted();
    await runStatement(session, statement, running);
  }
}

async function runStatement(session: SqlSession, statement: Statement, signal: AbortSignal): Promise<void> {
  try {
    await session.execute(statement.sql, signal);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const line = statement.line + (error.position === undefined ? 0 : error.position.line - 1);
    throw failed("sql_failed", `${statement.file}:${line}: ${error.reason}`, {
      hint: `the file is rendered from templates/; this statement begins on its line ${statement.line}`,
      cause: error,
    });
  }
}

/**
 * Submits a file whose last statement is a batch job called `name`, follows the job, and returns when it is FINISHED.
 *
 * @throws PipectlError `sql_failed` with file and line; what `jobEnd` throws
 */
export async function runJob(
  workspace: Needs<"config" | "runtime" | "flink" | "report" | "signal" | "unaborted">,
  session: SqlSession,
  job: { readonly name: string; readonly path: string; readonly sql: string; readonly total?: number },
): Promise<JobResult> {
  // A statement that was sent is waited for: the gateway would go on, and submit its job after we looked for it.
  const { signal: running } = workspace.unaborted;
  const submission = runFile(session, job.path, job.sql, workspace.signal, running);
  return await jobEnd(workspace, submission, job, workspace.config.values.JOB_TIMEOUT);
}

/** How long a submission may take to end after Ctrl-C: planning is slow in a cold gateway. */
export const patienceMs = 20_000;

/**
 * Follows a job from its submission until it is FINISHED. When the wait ends early (Ctrl-C, a time limit), the job is cancelled
 * first.
 *
 * @param submission ends when Flink has the job, not when the job has ended
 * @throws PipectlError `job_failed` with the root cause, `job_missing`
 */
export async function jobEnd(
  workspace: Needs<"runtime" | "flink" | "report" | "signal" | "unaborted">,
  submission: Promise<void>,
  job: { readonly name: string; readonly total?: number; readonly figuresMs?: number },
  timeoutMs: number,
): Promise<JobResult> {
  const { flink, report, signal } = workspace;
  const { name, total, figuresMs } = job;
  submission.catch(() => {});
  try {
    const figures = {
      ...(total === undefined ? {} : { total }),
      ...(figuresMs === undefined ? {} : { figuresMs }),
    };
    const result = await followJob(flink, name, { submission, timeoutMs, report, signal, ...figures });
    // The job's own failure says more than the client's message about it.
    if (result !== undefined) await requireFinished(flink, result, signal);
    await submission;
    if (result !== undefined) return result;
    throw failed("job_missing", `the job was accepted, but Flink does not know ${name} (any more)`, {
      hint: "pipectl logs jobmanager; if it was restarted: pipectl process takes the same records again",
    });
  } catch (error) {
    if (signal.aborted) await settledWithin(submission, patienceMs);
    const { unaborted } = workspace;
    await cancelJobNamed(unaborted.flink, name, unaborted.signal).catch(() => {});
    throw withSettings(workspace, await withoutSpace(workspace, error));
  }
}

/** Java says that no space is left, but not on which disk. So the disks are looked at. */
async function withoutSpace({ runtime }: Needs<"runtime">, error: unknown): Promise<unknown> {
  if (!/No space left on device|Disk quota exceeded/.test(messageOf(error))) return error;
  const short = ((await runtime.disks?.()) ?? []).filter(({ freeBytes }) => freeBytes < leastFreeBytes);
  if (short.length === 0) return error;
  const lines = short.map(({ path, freeBytes }) => `  ${path}: ${bytes(freeBytes)} free`);
  return unavailable("disk_full", [messageOf(error), ...lines].join("\n"), {
    hint: "make room, then: pipectl process takes the same records again",
    cause: error,
  });
}
