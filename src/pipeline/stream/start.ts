import { messageOf, PipectlError, usage } from "../../core/errors.js";
import { count } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { waitForCheckpoint } from "../../execution/checkpoint.js";
import { endLeftovers } from "../../execution/leftovers.js";
import { readyTables } from "../../execution/ready-tables.js";
import { runSession } from "../../execution/run-session.js";
import { activeStreams, runningStream, type StreamKind } from "../../execution/stream-jobs.js";
import type { JobState } from "../../flink/rest.js";
import type { TopicOffsets } from "../../kafka/offsets.js";
import type { Plan } from "../../lake/ranges.js";
import type { Tables } from "../../lake/tables.js";
import { sayAccepted } from "../../ledger/accepted.js";
import { type Account, readAccount, readableAccount } from "../../ledger/account.js";
import { planRun, withAnchors } from "../../ledger/plan-run.js";
import { finishPublication } from "../../ledger/publication.js";
import { requireKnownVersions } from "../../ledger/records.js";
import { accountInForce } from "../../ledger/recount.js";
import { type Start, type State, whereToStart } from "../../ledger/resume.js";
import { requireFollowing, trustedState } from "../../ledger/silver-state.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import { processBronze } from "../ingest/bronze.js";
import { beginSilver } from "./continuous-silver.js";
import { mayBeItsState } from "./launch.js";
import { stopStreams } from "./stop.js";
import { type Started, submitStream, topologyOf } from "./submit-bronze.js";

export interface StreamOptions {
  /** Continues without records that Kafka no longer has. */
  readonly acceptLoss: boolean;
  /** Takes rows that pipectl did not write as they are. */
  readonly acceptForeign?: boolean;
  /** Resumes no state, and starts where the tables end. */
  readonly fromTables: boolean;
  /** Skips the records that are in the topic now and have not landed; the account shows them for ever as skipped. */
  readonly latest: boolean;
  readonly waitCheckpoint: boolean;
  /** Starts continuous silver as well. */
  readonly silver: boolean;
}

/** A streaming job after a command. */
export interface StreamJob {
  readonly job: { readonly id: string; readonly name: string; readonly state: JobState };
  /** False when it was running already, and nothing was changed. */
  readonly started: boolean;
  /** Path of the state that it resumed from; null when it started where the tables end, or was running already. */
  readonly state: string | null;
  /** Number of its last completed checkpoint; null when the command did not wait for one. */
  readonly checkpoint: number | null;
  readonly dashboard: string;
}

export interface StreamResult extends StreamJob {
  /** Continuous silver, if requested. */
  readonly silver?: StreamJob;
  readonly seconds: number;
}

/**
 * Starts continuous bronze where the tables end, and silver if requested, and returns when the jobs are RUNNING. Bronze
 * resumes from the previous stream's state if that is the latest one. Otherwise the rows which that stream has appended are
 * counted, a batch run fills holes, and the job starts at the next offset.
 */
export async function processStreaming(workspace: Workspace, options: StreamOptions): Promise<StreamResult> {
  requireStreamingMode(workspace);
  await workspace.catalog.ping();
  return await exclusively(workspace, "run", () => startStreams(workspace, options));
}

export function requireStreamingMode({ config }: Workspace): void {
  if (config.values.MODE === "streaming_bronze") return;
  throw usage("mode", `MODE is ${config.values.MODE}, but this command needs MODE=streaming_bronze`, {
    hint: `set MODE=streaming_bronze in ${config.envFile}, or add --mode streaming_bronze`,
  });
}

/** Stops running streams with a savepoint and starts them again, under one lock. */
export async function restartStreaming(workspace: Workspace, options: StreamOptions): Promise<StreamResult> {
  requireStreamingMode(workspace);
  return await exclusively(workspace, "run", async () => {
    const silver = options.silver || (await activeStreams(workspace, ["silver"])).length > 0;
    if (silver) requireFollowing(workspace.dataset);
    await stopStreams(workspace, false);
    return await startStreams(workspace, { ...options, silver });
  });
}

/** Only for the owner of the lock "run". */
export async function startStreams(workspace: Workspace, options: StreamOptions): Promise<StreamResult> {
  const { report } = workspace;
  const began = performance.now();
  if (options.silver) requireFollowing(workspace.dataset);
  await requireKnownVersions(workspace);
  await endLeftovers(workspace);
  const bronze = await startStream(workspace, "bronze", options, () => begin(workspace, options));
  if (options.silver && bronze.started)
    report({ type: "note", text: `bronze: job ${bronze.job.id} is ${bronze.job.state}` });
  const silver = options.silver
    ? await startStream(workspace, "silver", options, () =>
        beginSilver(workspace, options.fromTables ? "--from-tables" : undefined),
      )
    : undefined;
  if (!options.silver) await saySilverStands(workspace);
  return {
    ...bronze,
    ...(silver === undefined ? {} : { silver }),
    seconds: Math.round(performance.now() - began) / 1000,
  };
}

/** Continuous silver is not started again without the option, but the user must learn that it is not running. */
async function saySilverStands(workspace: Workspace): Promise<void> {
  const { catalog, dataset, report } = workspace;
  const silver = await catalog.table(dataset.tables.silver);
  if (silver === undefined || trustedState(silver, dataset)?.stream === undefined) return;
  if ((await activeStreams(workspace, ["silver"])).length > 0) return;
  report({
    type: "note",
    text: "silver: its stream is not running: pipectl process-streaming --silver starts it",
  });
}

async function startStream(
  workspace: Workspace,
  kind: StreamKind,
  { waitCheckpoint }: StreamOptions,
  start: () => Promise<Started>,
): Promise<StreamJob> {
  const { flink, report } = workspace;
  const present = await runningStream(workspace, kind);
  const since = Date.now();
  const started = present === undefined ? await start() : undefined;
  if (present !== undefined)
    report({ type: "note", text: `${kind}: job ${present.id} is ${present.state} already` });
  const { id, name } = started ?? (present as NonNullable<typeof present>);
  const checkpoint = waitCheckpoint ? await waitForCheckpoint(workspace, id, since) : null;
  return {
    job: { id, name, state: (await flink.jobState(id)) ?? started?.state ?? "RUNNING" },
    started: started !== undefined,
    state: started?.path ?? null,
    checkpoint,
    dashboard: `${flink.url}/#/job/running/${id}/overview`,
  };
}

async function begin(workspace: Workspace, options: StreamOptions): Promise<Started> {
  const { kafka, dataset } = workspace;
  const [topic, found] = await Promise.all([kafka.topicOffsets(dataset.topic), readyTables(workspace)]);
  const tables = await finishPublication(workspace, found);
  const state = options.fromTables || options.latest ? undefined : await takeOver(workspace, tables);
  if (state?.start.pending === true) {
    // Rows that a crash has left pending can only be counted after the next job has committed them.
    const plan = await planWithoutLoss(workspace, topic, state.account);
    if (plan !== undefined) return await submitOrCount(workspace, options, tables, { ...state, plan });
  }
  const savepoint = state?.start.pending === false ? state.start : undefined;
  return await beginCounted(workspace, options, topic, tables, savepoint);
}

/** Undefined when records are lost or the topic is another one: no job's state knows of that. */
async function planWithoutLoss(
  workspace: Workspace,
  topic: TopicOffsets,
  account: Account,
): Promise<Plan | undefined> {
  try {
    return await planRun(workspace, topic, account, false);
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return undefined;
  }
}

/** Starts after the counted rows, from a savepoint or at the next offset. Holes are filled before. */
async function beginCounted(
  workspace: Workspace,
  options: StreamOptions,
  topic: TopicOffsets,
  tables: Tables,
  savepoint: State | undefined,
): Promise<Started> {
  const { report } = workspace;
  const { acceptLoss, acceptForeign } = options;
  const { account, present } = await accountInForce(workspace, tables, topic, acceptLoss, acceptForeign);
  const plan = await planRun(workspace, topic, account, acceptLoss, present);
  if (plan.ranges.some((range) => range.present > 0)) {
    report({ type: "step", text: "Stream: a batch run ingests the missing records first" });
    const session = runSession(workspace);
    try {
      await processBronze(workspace, session, acceptLoss, acceptForeign);
    } finally {
      await session.close();
    }
    return await begin(workspace, { ...options, fromTables: true });
  }
  sayAccepted(workspace, account, plan);
  const skipped = sum(plan.ranges.map(({ start, end }) => end - start));
  if (options.latest && skipped > 0) {
    report({
      type: "warning",
      text: `skipped on purpose: ${count(skipped)} records; the account shows it for ever`,
    });
  }
  const ranges = plan.ranges.map((range) =>
    options.latest ? { ...range, skipped: range.end - range.start } : { ...range, end: range.start },
  );
  const whole = plan.incarnation === account?.incarnation && ranges.every(({ lost }) => lost === 0);
  const start: Start = savepoint !== undefined && whole ? savepoint : { from: "tables", why: "counted" };
  const anchored = await withAnchors(workspace, topic, { ...plan, ranges });
  return await submitOrCount(workspace, options, tables, { account, start, plan: anchored });
}

/** When Flink refuses a state, because it is incomplete or belongs to another job, the stream starts without it. */
async function submitOrCount(
  workspace: Workspace,
  options: StreamOptions,
  tables: Tables,
  how: Parameters<typeof submitStream>[2],
): Promise<Started> {
  try {
    return await submitStream(workspace, tables, how);
  } catch (error) {
    if (
      !mayBeItsState(error) ||
      how.start.from === "tables" ||
      (await runningStream(workspace, "bronze")) !== undefined
    )
      throw error;
    const text = `its state could not be resumed: ${messageOf(error)}`;
    workspace.report({ type: "warning", text });
    return await begin(workspace, { ...options, fromTables: true });
  }
}

/** The previous stream's state, if it is the latest one; otherwise reports why not. */
async function takeOver(
  workspace: Workspace,
  { bronze, dlq }: Tables,
): Promise<{ readonly account: Account; readonly start: State } | undefined> {
  const { report, runtime } = workspace;
  const job = readableAccount(bronze)?.stream?.jobs.at(-1);
  if (job === undefined) return undefined;
  try {
    const account = readAccount(bronze, dlq) as Account;
    const topology = topologyOf(workspace, "07_streaming_bronze", account.incarnation);
    const start = whereToStart(account.stream, { bronze, dlq }, topology, await runtime.checkpoints(job));
    if (start.from === "state") return { account, start };
    report({ type: "note", text: `stream: starts where the tables end: ${start.why}` });
  } catch (error) {
    // The tables are counted then, and the count reports the details.
    if (!(error instanceof PipectlError) || error.code !== "account_untrusted") throw error;
  }
  return undefined;
}
