import { createHash, randomBytes } from "node:crypto";
import { failed } from "../../core/errors.js";
import { poll, settledWithin } from "../../core/poll.js";
import { causeOf } from "../../flink/jobs.js";
import { type JobState, terminalStates } from "../../flink/rest.js";
import { renderFiles, writeFiles } from "../../sql/files.js";
import { type Account, advance, recordedAccount } from "../account.js";
import type { Plan } from "../plan.js";
import { recordAccount, recordMark } from "../record-account.js";
import { runSession } from "../run-session.js";
import { jobNames, sqlContext } from "../sql-context.js";
import { patienceMs, runFile } from "../submit.js";
import type { Tables } from "../tables.js";
import { forCleanup, type Workspace } from "../workspace.js";
import { nextMark, type Start } from "./resume.js";
import { tidy } from "./tidy.js";

/** A job that is RUNNING. */
export interface Started {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  /** Of the state that it took over. */
  readonly path: string | undefined;
}

/** What the job does, as far as its state depends on it: its INSERT statements. */
export function topologyOf({ config, dataset, runtime }: Workspace, epoch: number): string {
  const context = sqlContext(config, dataset, runtime.inside, { run: "", epoch, batch: false });
  const [sql] = renderFiles(config.root, ["07_streaming_bronze"], context).values();
  return createHash("md5")
    .update(sql as string)
    .digest("hex");
}

/**
 * Records a new job in the account, submits it in a session of its own, and returns when it is RUNNING.
 *
 * @throws PipectlError (failed) `stream_failed` when it ends at once, as with a state that is not whole or not its own
 */
export async function submitStream(
  workspace: Workspace,
  tables: Tables,
  how: { readonly plan: Plan; readonly start: Start; readonly account: Account | undefined },
): Promise<Started> {
  const { config, dataset, runtime, report, signal } = workspace;
  const { plan, start, account } = how;
  const session = runSession(workspace);
  session.open();
  try {
    // Chosen here, so that the tables can know the job before it writes to them.
    const id = randomBytes(16).toString("hex");
    const name = jobNames(dataset, session.run).streamingBronze;
    const before = recordedAccount(tables.bronze)?.stream;
    const stream = nextMark(before, start, id, {
      run: session.run,
      topology: topologyOf(workspace, plan.epoch),
    });
    const text = start.from === "state" ? `takes over ${start.path}` : describe(plan, account);
    report({ type: "step", text: `Stream: ${text}` });
    const context = sqlContext(config, dataset, runtime.inside, {
      run: session.run,
      batch: false,
      ranges: plan.ranges.map((range) => ({ ...range, start: range.start + range.skipped })),
      epoch: plan.epoch,
    });
    const files = renderFiles(config.root, ["00_catalog", "01_source", "07_streaming_bronze"], context);
    const paths = writeFiles(config.root, files);
    await session.prepare(files, paths);
    const sql = await session.get();
    await sql.execute(`SET '$internal.pipeline.job-id' = '${id}'`, signal);
    if (start.from === "state")
      await sql.execute(`SET 'execution.state-recovery.path' = ${literal(start.path)}`, signal);
    // From here on the tables know the job, whatever dies in between. A state that may hold pending rows leaves the account
    // at its snapshots: what was appended since is still to be proven.
    if (start.from === "state" && start.pending) await recordMark(workspace, tables.bronze, stream);
    else await recordAccount(workspace, tables, { ...advance(account, plan, session.run), stream });
    const file = paths.get("07_streaming_bronze") as string;
    const statements = files.get("07_streaming_bronze") as string;
    await seenThrough(workspace, id, runFile(sql, file, statements, signal, forCleanup(workspace).signal));
    const state = await untilRunning(workspace, id);
    const path = start.from === "state" ? start.path : undefined;
    await tidy(workspace, before, path);
    return { id, name, state, path };
  } finally {
    await session.close();
  }
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Milliseconds that a submission may take: planning is slow in a cold gateway, and Flink's client waits until the job is set up. */
const submissionMs = 180_000;

/**
 * Waits for a submission, with what Flink says of the job. A statement that was sent is seen to its end also after Ctrl-C,
 * for a while: its job would come when nobody looks any more.
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
      what: `Flink to take job ${id}`,
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

async function untilRunning({ flink, signal, report }: Workspace, id: string): Promise<JobState> {
  return await poll(
    async (why) => {
      const state = await flink.jobState(id);
      why(`it is ${state ?? "not there"}`);
      if (state === "RUNNING") return state;
      if (state !== undefined && terminalStates.has(state)) {
        const cause = await causeOf(flink, id, signal);
        throw failed("stream_failed", `job ${id} is ${state}: ${cause}`, {
          hint: "pipectl logs jobmanager; pipectl process-streaming --from-tables takes no state over",
        });
      }
      return undefined;
    },
    { what: `job ${id} to run`, timeoutMs: 60_000, signal, report, hint: "pipectl jobs" },
  );
}

function describe({ ranges }: Plan, account: Account | undefined): string {
  if (account === undefined && ranges.every(({ skipped }) => skipped === 0)) return "begins with the topic";
  return `begins at ${ranges.map(({ partition, end }) => `${partition}:${end}`).join(", ")} (partition:offset)`;
}
