import { failed, messageOf, unavailable } from "../core/errors.js";
import { bytes } from "../core/format.js";
import { gatewaySession } from "../flink/gateway.js";
import { cancelJobNamed, followJob, type JobResult, jobNamed, requireFinished } from "../flink/jobs.js";
import { SqlError, type SqlSession } from "../flink/session.js";
import { sqlClientSession } from "../flink/sql-client.js";
import { leastFreeBytes } from "../runtime/runtime.js";
import { type Statement, splitStatements } from "../sql/statements.js";
import { forCleanup, type Workspace } from "./workspace.js";

/** Opens the one session of a run, the way SUBMIT_VIA says. */
export async function openSession(workspace: Workspace): Promise<SqlSession> {
  const { config, runtime, signal } = workspace;
  return config.values.SUBMIT_VIA === "gateway"
    ? await gatewaySession(runtime.endpoints.gateway, signal)
    : await sqlClientSession(await runtime.sqlClient());
}

/** Runs the statements of a rendered file, one after the other. */
export async function runFile(
  session: SqlSession,
  path: string,
  sql: string,
  signal: AbortSignal,
): Promise<void> {
  for (const statement of splitStatements(path, sql)) await runStatement(session, statement, signal);
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
 * Submits a file whose last statement is a batch job called `jobName`, follows the job, and returns when it is
 * FINISHED. Whatever ends the wait early (Ctrl-C, a time limit) cancels the job first.
 *
 * @throws PipectlError `job_failed` with the root cause, `sql_failed` with file and line
 */
export async function runJob(
  workspace: Workspace,
  session: SqlSession,
  job: { readonly name: string; readonly path: string; readonly sql: string; readonly total?: number },
): Promise<JobResult> {
  const { flink, report, signal, config } = workspace;
  const submission = runFile(session, job.path, job.sql, signal);
  submission.catch(() => {});
  try {
    const result = await followJob(flink, job.name, {
      submission,
      timeoutMs: config.values.JOB_TIMEOUT,
      report,
      signal,
      ...(job.total === undefined ? {} : { total: job.total }),
    });
    // The job's own failure says more than the client's words about it.
    if (result !== undefined) await requireFinished(flink, result, signal);
    await submission;
    const ended = result ?? (await found(workspace, job.name));
    return ended;
  } catch (error) {
    const cleanup = forCleanup(workspace);
    await cancelJobNamed(cleanup.flink, job.name, cleanup.signal).catch(() => {});
    throw await withoutSpace(workspace, error);
  }
}

/** Java says that no space is left, but not where: the disks do. */
async function withoutSpace({ runtime }: Workspace, error: unknown): Promise<unknown> {
  if (!/No space left on device|Disk quota exceeded/.test(messageOf(error))) return error;
  const short = (await runtime.disks()).filter(({ freeBytes }) => freeBytes < leastFreeBytes);
  if (short.length === 0) return error;
  const lines = short.map(({ path, freeBytes }) => `  ${path}: ${bytes(freeBytes)} free`);
  return unavailable("disk_full", [messageOf(error), ...lines].join("\n"), {
    hint: "make room, then: pipectl process takes the same records again",
    cause: error,
  });
}

async function found(workspace: Workspace, name: string): Promise<JobResult> {
  const job = await jobNamed(workspace.flink, name);
  if (job === undefined) {
    throw failed("job_missing", `the SQL was accepted, but Flink knows no job called ${name}`, {
      hint: "pipectl logs jobmanager; if it was started anew: pipectl process takes the same records again",
    });
  }
  const result = { id: job.id, name, state: job.state, seconds: job.durationMs / 1000 };
  await requireFinished(workspace.flink, result, workspace.signal);
  return result;
}
