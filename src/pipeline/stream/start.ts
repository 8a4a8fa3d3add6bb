import { messageOf, PipectlError, usage } from "../../core/errors.js";
import { count } from "../../core/format.js";
import type { JobState } from "../../flink/rest.js";
import { sayAccepted } from "../accepted.js";
import { type Account, readAccount, recordedAccount } from "../account.js";
import { finishPublication, processBronze } from "../bronze.js";
import { endLeftovers } from "../leftovers.js";
import { exclusively } from "../lock.js";
import { planRanges } from "../plan.js";
import { accountInForce } from "../recount.js";
import { runSession } from "../run-session.js";
import { ensureTables, type Tables } from "../tables.js";
import type { Workspace } from "../workspace.js";
import { waitForCheckpoint } from "./checkpoint.js";
import { activeStreams } from "./jobs.js";
import { type Start, whereToStart } from "./resume.js";
import { stopStreams } from "./stop.js";
import { type Started, submitStream, topologyOf } from "./submit.js";

export interface StreamOptions {
  /** Goes on without records that Kafka no longer has. */
  readonly acceptLoss: boolean;
  /** Takes no job's state over, and begins where the tables end. */
  readonly fromTables: boolean;
  /** Leaves out what is in the topic now and has not landed; the account shows it for ever. */
  readonly latest: boolean;
  readonly waitCheckpoint: boolean;
}

export interface StreamResult {
  readonly job: { readonly id: string; readonly name: string; readonly state: JobState };
  /** False when it ran already, and nothing was changed. */
  readonly started: boolean;
  /** Path of the state that it took over; null when it began where the tables end, or ran already. */
  readonly state: string | null;
  /** Number of its last completed checkpoint; null when none was waited for. */
  readonly checkpoint: number | null;
  readonly dashboard: string;
  readonly seconds: number;
}

/**
 * Starts continuous bronze where the tables end, and returns when its job is RUNNING. It takes over the state of the
 * stream before it where that is the newest truth; otherwise what that one has appended is counted, a hole is
 * mended by a batch run, and the job begins at the next offset.
 */
export async function processStreaming(workspace: Workspace, options: StreamOptions): Promise<StreamResult> {
  requireStreamingMode(workspace);
  await workspace.catalog.ping();
  return await exclusively(workspace, "run", () => startStream(workspace, options));
}

function requireStreamingMode({ config }: Workspace): void {
  if (config.values.MODE === "streaming_bronze") return;
  throw usage("mode", `MODE is ${config.values.MODE}, but this command needs MODE=streaming_bronze`, {
    hint: `set MODE=streaming_bronze in ${config.envFile}, or add --mode streaming_bronze`,
  });
}

/** Stops the stream with a savepoint and starts it again, with nobody else in between. */
export async function restartStreaming(workspace: Workspace, options: StreamOptions): Promise<StreamResult> {
  requireStreamingMode(workspace);
  return await exclusively(workspace, "run", async () => {
    await stopStreams(workspace, false);
    return await startStream(workspace, options);
  });
}

/** Only for the owner of the lock "run". */
async function startStream(workspace: Workspace, options: StreamOptions): Promise<StreamResult> {
  const { flink, report } = workspace;
  const began = performance.now();
  await endLeftovers(workspace);
  const [there] = await activeStreams(workspace);
  const started = there === undefined ? await begin(workspace, options) : undefined;
  if (there !== undefined)
    report({ type: "note", text: `stream: job ${there.id} is ${there.state} already` });
  const { id, name } = started ?? (there as NonNullable<typeof there>);
  const checkpoint = options.waitCheckpoint ? await waitForCheckpoint(workspace, id) : null;
  return {
    job: { id, name, state: (await flink.jobState(id)) ?? started?.state ?? "RUNNING" },
    started: started !== undefined,
    state: started?.path ?? null,
    checkpoint,
    dashboard: `${flink.url}/#/job/running/${id}/overview`,
    seconds: Math.round(performance.now() - began) / 1000,
  };
}

async function begin(workspace: Workspace, options: StreamOptions): Promise<Started> {
  const { kafka, catalog, dataset, report } = workspace;
  const [topic, found] = await Promise.all([
    kafka.topicOffsets(dataset.topic),
    ensureTables(catalog, dataset),
  ]);
  const tables = await finishPublication(workspace, found);
  const state = options.fromTables || options.latest ? undefined : await takeOver(workspace, tables);
  if (state !== undefined) {
    const { account } = state;
    const plan = planRanges(dataset.topic, topic, account, options.acceptLoss);
    // What is accepted as lost, or of a topic made again, is no offset that a job's state knows of.
    if (plan.epoch === account.epoch && plan.ranges.every(({ lost }) => lost === 0)) {
      try {
        return await submitStream(workspace, tables, { plan, start: state.start, account });
      } catch (error) {
        if (!(error instanceof PipectlError) || error.code !== "stream_failed") throw error;
        report({ type: "warning", text: `its state could not be taken over: ${messageOf(error)}` });
        return await begin(workspace, { ...options, fromTables: true });
      }
    }
  }
  const { account, there } = await accountInForce(workspace, tables, topic, options.acceptLoss);
  const plan = planRanges(dataset.topic, topic, account, options.acceptLoss, there);
  if (plan.ranges.some((range) => range.there > 0)) {
    report({ type: "step", text: "Stream: a batch run takes in what is missing, first" });
    const session = runSession(workspace);
    try {
      await processBronze(workspace, session, options.acceptLoss);
    } finally {
      await session.close();
    }
    return await begin(workspace, { ...options, fromTables: true });
  }
  sayAccepted(workspace, account, plan);
  const skipped = plan.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  if (options.latest && skipped > 0) {
    report({
      type: "warning",
      text: `skipped on purpose: ${count(skipped)} records; the account shows it for ever`,
    });
  }
  const ranges = plan.ranges.map((range) =>
    options.latest ? { ...range, skipped: range.end - range.start } : { ...range, end: range.start },
  );
  return await submitStream(workspace, tables, {
    plan: { ...plan, ranges },
    start: { from: "tables", why: "" },
    account,
  });
}

/** The state of the stream before, when it is the newest truth; says why where it is not. */
async function takeOver(
  workspace: Workspace,
  { bronze, dlq }: Tables,
): Promise<{ readonly account: Account; readonly start: Start & { readonly from: "state" } } | undefined> {
  const { report, runtime } = workspace;
  const recorded = recordedAccount(bronze);
  const job = recorded?.stream?.jobs.at(-1);
  if (recorded === undefined || job === undefined) return undefined;
  try {
    const account = readAccount(bronze, dlq);
    const start = whereToStart(
      account,
      [bronze, dlq],
      topologyOf(workspace, recorded.epoch),
      await runtime.checkpoints(job),
    );
    if (start.from === "state" && account !== undefined) return { account, start };
    if (start.from === "tables")
      report({ type: "note", text: `stream: begins where the tables end: ${start.why}` });
  } catch (error) {
    // The tables are counted then, which says the rest.
    if (!(error instanceof PipectlError) || error.code !== "account_untrusted") throw error;
  }
  return undefined;
}
