import { duration, plural } from "../../core/format.js";
import { poll } from "../../core/poll.js";
import { type Verdict, worst } from "../../core/verdict.js";
import {
  type ActiveStream,
  activeStreams,
  type StreamKind,
  streamKinds,
  streamPrefix,
} from "../../execution/stream-jobs.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { recordedAccount } from "../../ledger/account.js";
import { overdueMs } from "../../ledger/current.js";
import { expiredOf } from "../../ledger/expired.js";
import { recordedSilver } from "../../ledger/silver-state.js";
import { isAtWorkOn } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import { beforeItRuns, slowOf } from "./slow-stream.js";

/**
 * The state of a stream: its job is RUNNING, and its checkpoints are completed as often as they should be. A job that is
 * RUNNING without completing checkpoints commits nothing. Continuous silver is judged in the same way, if it was started.
 */
export async function streamVerdict(workspace: Workspace): Promise<Verdict> {
  const [active, tables] = await Promise.all([
    activeStreams(workspace),
    loadTables(workspace.catalog, workspace.dataset),
  ]);
  const [bronze, silver] = (await Promise.all(
    streamKinds.map((kind) =>
      judgeStream(
        workspace,
        kind,
        active.filter((job) => job.kind === kind),
        tables,
      ),
    ),
  )) as [Verdict, Verdict | undefined];
  if (silver === undefined) return bronze;
  const hint = bronze.hint ?? silver.hint;
  return {
    status: worst([bronze.status, silver.status]),
    detail: `${bronze.detail}; silver: ${silver.detail}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

const startAgain = (kind: StreamKind) =>
  kind === "bronze"
    ? "pipectl process-streaming"
    : "pipectl process-streaming --silver; or pipectl process-silver, to let batch runs make it";

/** Undefined when continuous silver was never started. */
async function judgeStream(
  workspace: Workspace,
  kind: StreamKind,
  [job, ...others]: readonly ActiveStream[],
  tables: Partial<Tables>,
): Promise<Verdict | undefined> {
  const { flink, config } = workspace;
  if (job === undefined) return await notThere(workspace, kind, tables);
  // Taken before Flink is asked: a slow answer makes no checkpoint older.
  const at = Date.now();
  const [state = job.state, restarts, checkpoints] = await Promise.all([
    flink.jobState(job.id),
    restartsOf(workspace, job.id),
    flink.checkpoints(job.id),
  ]);
  const running = others.filter((other) => other.state === "RUNNING").length + (state === "RUNNING" ? 1 : 0);
  const again = restarts === undefined ? "restarts unknown" : plural(restarts, "restart");
  const detail = `${running} RUNNING, ${again}`;
  if (others.length > 0) {
    const ids = [job, ...others].map(({ id }) => id).join(", ");
    const why = `${others.length + 1} jobs read the same records: ${ids}`;
    return { status: "fail", detail: `${detail}; ${why}`, hint: "pipectl jobs cancel ID" };
  }
  const expired = expiredOf(kind, tables);
  if (expired !== undefined) {
    const hint = "pipectl repair";
    return { status: "fail", detail: `${detail}; job ${job.id} is ${state}, but ${expired}`, hint };
  }
  if (beforeItRuns.has(state)) {
    const hint = "pipectl validate, in a moment";
    return { status: "warn", detail: `${detail}; job ${job.id} is ${state}: Flink is about to run it`, hint };
  }
  if (state !== "RUNNING") {
    const cause = (await flink.rootCause(job.id)) ?? "no cause given";
    const hint = "pipectl logs taskmanager";
    return { status: "fail", detail: `${detail}; job ${job.id} is ${state}: ${cause}`, hint };
  }
  const last = checkpoints?.lastCompleted;
  const interval = config.values.CHECKPOINT_INTERVAL;
  const age = Math.max(0, at - (last?.at ?? job.startTime));
  const seen =
    last === undefined ? "no checkpoint yet" : `checkpoint ${last.id} completed ${duration(age)} ago`;
  if (age > overdueMs(interval)) {
    const reason = checkpoints?.lastFailed?.why ?? (await flink.rootCause(job.id));
    const slow =
      reason === undefined ? await slowOf(workspace, job.id, age - overdueMs(interval)) : undefined;
    if (slow !== undefined) {
      const hint = "pipectl validate, in a moment; pipectl jobs";
      return { status: "warn", detail: `${detail}; ${seen}: ${slow}`, hint };
    }
    const why = reason ?? "Flink gives no reason";
    return {
      status: "fail",
      // Flink says "IO-problem detected" without the place.
      detail: `${detail}; ${seen}${last === undefined ? "" : ` (${last.path})`}, though one is due each ${duration(interval)}: ${why}`,
      hint: "pipectl doctor; pipectl logs jobmanager",
    };
  }
  // In a job that has just started, the first checkpoint may be due before its tasks run.
  const bad = checkpoints?.lastFailed;
  const failing = last !== undefined && bad !== undefined && bad.at > last.at;
  return {
    status: (restarts ?? 0) > 0 || failing ? "warn" : "pass",
    detail: `${detail}, ${seen}${failing ? `, the next one failed: ${bad.why}` : ""}`,
    ...((restarts ?? 0) > 0 || failing ? { hint: "pipectl logs taskmanager says why" } : {}),
  };
}

/**
 * Flink collects its metrics when it is asked for them, and returns them to the next request: the first answer may be as old
 * as the request before it.
 */
async function restartsOf({ flink, signal }: Workspace, id: string): Promise<number | undefined> {
  let looks = 0;
  return await poll(
    async () => {
      const restarts = await flink.restarts(id);
      return ++looks < 3 ? undefined : restarts;
    },
    { what: `Flink's count of the restarts of job ${id}`, timeoutMs: 5_000, signal, intervalMs: 200 },
  ).catch(() => {
    signal.throwIfAborted();
    return undefined;
  });
}

async function notThere(
  workspace: Workspace,
  kind: StreamKind,
  tables: Partial<Tables>,
): Promise<Verdict | undefined> {
  const { flink, dataset } = workspace;
  const hint = startAgain(kind);
  const silver = kind === "silver" ? recordedSilver(tables.silver) : undefined;
  if (silver?.paused === true) {
    const detail = "0 RUNNING: about to start; if no command is running, one was killed";
    return { status: "warn", detail, hint };
  }
  const stream = kind === "silver" ? silver?.stream : recordedAccount(tables.bronze)?.stream;
  if (kind === "silver" && stream === undefined) return undefined;
  const stopped = stream?.stopped;
  if (stopped?.resumes === true) {
    const since = `0 RUNNING: stopped at ${stopped.at} by a command that starts it again at its end`;
    return (await isAtWorkOn(workspace, "run"))
      ? { status: "warn", detail: `${since}, and is still running`, hint: "wait for it" }
      : { status: "fail", detail: `${since}, and was killed`, hint };
  }
  if (stopped !== undefined) {
    const how = stopped.savepoint === null ? "without a savepoint" : "with a savepoint";
    return { status: "warn", detail: `0 RUNNING: stopped on purpose at ${stopped.at}, ${how}`, hint };
  }
  const prefix = streamPrefix(dataset, kind);
  const [ended] = (await flink.jobs())
    .filter(({ name }) => name.startsWith(prefix))
    .sort((a, b) => b.startTime - a.startTime);
  const cause = ended?.state === "FAILED" ? await flink.rootCause(ended.id) : undefined;
  return {
    status: "fail",
    detail:
      ended === undefined
        ? "0 RUNNING: the streaming job is not there"
        : `0 RUNNING: job ${ended.id} is ${ended.state}${cause === undefined ? "" : `: ${cause}`}`,
    hint,
  };
}
