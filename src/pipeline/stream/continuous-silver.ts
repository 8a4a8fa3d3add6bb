import { failed, messageOf } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import { deleteOldState } from "../../execution/delete-state.js";
import { jobNames } from "../../execution/job-names.js";
import { readyTables } from "../../execution/ready-tables.js";
import { type RunSession, runSession } from "../../execution/run-session.js";
import { runningStream } from "../../execution/stream-jobs.js";
import { cancelJob, causeOf } from "../../flink/jobs.js";
import { terminalStates } from "../../flink/rest.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { appendedSince } from "../../lake/lineage.js";
import type { Tables } from "../../lake/tables.js";
import { nextMark, type State, whereToStart } from "../../ledger/resume.js";
import {
  readableSilver,
  recordSilver,
  rulesFor,
  type SilverState,
  stateAt,
  stateOver,
  trustedState,
} from "../../ledger/silver-state.js";
import { forCleanup, type Workspace } from "../../workspace/workspace.js";
import { processSilver } from "../ingest/silver.js";
import { launch, mayBeItsState } from "./launch.js";
import { savepointMs, stopStreams } from "./stop.js";
import { newJobId, type Started, topologyOf } from "./submit-bronze.js";

const file = "08_streaming_silver";

/**
 * Starts continuous silver, and returns when its job is RUNNING. The job resumes from the previous job's state if that is the
 * latest one. Otherwise a batch job brings silver up to date, a first streaming job reads silver's keys into its state, and a
 * second one resumes from its savepoint. Only for the owner of the lock "run", when no such job runs.
 *
 * @param anew why no state may be resumed; undefined when it may
 */
export async function beginSilver(workspace: Workspace, anew?: string): Promise<Started> {
  const { report } = workspace;
  const tables = await readyTables(workspace);
  const found = anew ?? (await takeOver(workspace, tables));
  if (typeof found === "string") {
    report({ type: "note", text: `silver: starts without an earlier state: ${found}` });
    return await beginAnew(workspace);
  }
  const session = runSession(workspace);
  session.open();
  try {
    return await submit(workspace, session, tables, found.state, found.start);
  } catch (error) {
    if (!mayBeItsState(error) || (await runningStream(workspace, "silver")) !== undefined) throw error;
    report({ type: "warning", text: `its state could not be resumed: ${messageOf(error)}` });
    return await beginAnew(workspace);
  } finally {
    await session.close();
  }
}

/**
 * Runs `rebuild` on silver while its stream is stopped, and starts the stream again afterwards, also when the rebuild fails or
 * Ctrl-C ends it. After a kill, silver's state tells that the stream should be running.
 */
export async function withSilverPaused<T>(workspace: Workspace, rebuild: () => Promise<T>): Promise<T> {
  const { report } = workspace;
  const through = forCleanup(workspace);
  const goOn = async (anew?: string) => {
    try {
      await beginSilver(through, anew);
    } catch (error) {
      const text = `continuous silver is stopped: ${messageOf(error)}; pipectl process-streaming --silver starts it`;
      report({ type: "warning", text });
      throw error;
    }
  };
  await stopStreams(workspace, false, ["silver"]);
  let result: T;
  try {
    const { silver } = await readyTables(workspace);
    const state = readableSilver(silver);
    if (state !== undefined) await recordSilver(workspace, silver, { ...state, paused: true });
    result = await rebuild();
  } catch (error) {
    // Resumes from its savepoint if silver is unchanged.
    await goOn().catch(() => {});
    throw error;
  }
  await goOn("a batch run has written to it");
  return result;
}

/** The previous stream's state with silver's record, if that state is the latest one; otherwise the reason why not. */
async function takeOver(
  workspace: Workspace,
  { bronze, silver }: Tables,
): Promise<{ readonly state: SilverState; readonly start: State } | string> {
  const { dataset, runtime } = workspace;
  const state = trustedState(silver, dataset);
  const job = state?.stream?.jobs.at(-1);
  if (state === undefined || job === undefined) return "no continuous silver has run since the last batch";
  // Bronze must still hold everything that the job has read of it.
  if (appendedSince(bronze, state.bronzeSnapshot) === undefined || stateOver(bronze, state) === undefined)
    return "bronze has had commits other than appends";
  const checkpoints = await runtime.checkpoints(job);
  const start = whereToStart(state.stream, { silver }, topologyOf(workspace, file), checkpoints);
  return start.from === "state" ? { state, start } : start.why;
}

async function beginAnew(workspace: Workspace): Promise<Started> {
  const { dataset } = workspace;
  const [batch, first, second] = [runSession(workspace), runSession(workspace), runSession(workspace)];
  try {
    first.open();
    await processSilver(workspace, batch, undefined, true);
    await batch.close();
    const tables = await readyTables(workspace);
    const state = trustedState(tables.silver, dataset) ?? emptyState(workspace, tables);
    // The sink needs this record before the first job, which writes nothing, has completed ten checkpoints.
    await recordSilver(workspace, tables.silver, { ...state, paused: true });
    const path = await learnKeys(workspace, first, tables, state, () => second.open());
    await first.close();
    return await submit(workspace, second, tables, state, { from: "state", path, pending: false });
  } finally {
    await Promise.all([batch, first, second].map((session) => session.close()));
  }
}

/** The state of silver before anything has landed. */
function emptyState({ dataset }: Workspace, { silver }: Tables): SilverState {
  if (totalRecords(silver.current) > 0) {
    throw failed(
      "silver_unknown",
      `${dataset.tables.silver.qualified} has rows, but bronze has none to make them from`,
      { hint: "move the table away, or start over with: pipectl down --volumes" },
    );
  }
  const state = { version: 1, bronzeSnapshot: null, ...rulesFor(dataset) } as const;
  return stateAt(silver, silver.current?.id ?? null, state);
}

/**
 * Runs the first of the two jobs: it reads silver's keys, and no row of bronze.
 *
 * @param submitted called when the job runs
 * @returns path of the savepoint with its state
 */
async function learnKeys(
  workspace: Workspace,
  session: RunSession,
  { silver }: Tables,
  state: SilverState,
  submitted: () => void,
): Promise<string> {
  const { flink, report } = workspace;
  report({ type: "step", text: "Silver: reading its keys" });
  const id = newJobId();
  try {
    const context = { run: session.run, silverStream: readOf(silver, state, true) };
    await launch(workspace, session, { id, file, context });
    submitted();
    await untilRead(workspace, id);
    return await flink.stopWithSavepoint(id, savepointMs);
  } catch (error) {
    const { unaborted } = workspace;
    await cancelJob(unaborted.flink, id, unaborted.signal).catch(() => {});
    throw error;
  }
}

/** Waits until the job has read its bounded source: the tasks of that source become FINISHED, the others never do. */
async function untilRead({ flink, config, signal, report }: Workspace, id: string): Promise<void> {
  await poll(
    async (why) => {
      const vertices = (await flink.vertices(id)) ?? [];
      if (vertices.some(({ name, state }) => name.startsWith("Source:") && state === "FINISHED")) return true;
      const state = await flink.jobState(id);
      if (state === undefined || terminalStates.has(state)) {
        const cause = state === undefined ? "Flink does not know it" : await causeOf(flink, id, signal);
        throw failed("stream_failed", `job ${id} is ${state ?? "unknown to Flink"}: ${cause}`, {
          hint: "pipectl logs taskmanager; then the same command again",
        });
      }
      why(`job ${id} is ${state}`);
      return undefined;
    },
    {
      what: "silver's keys to be read",
      timeoutMs: config.values.JOB_TIMEOUT,
      signal,
      report,
      hint: "pipectl jobs",
    },
  );
}

async function submit(
  workspace: Workspace,
  session: RunSession,
  { silver }: Tables,
  state: SilverState,
  start: State,
): Promise<Started> {
  const { dataset, report } = workspace;
  const id = newJobId();
  const topology = topologyOf(workspace, file);
  const stream = nextMark(state.stream, start, id, { run: session.run, topology });
  report({ type: "step", text: `Silver: resumes from ${start.path}` });
  // Pending rows of a dead job are committed with that job's id, in snapshots after the recorded one.
  const from = start.pending ? state : stateAt(silver, silver.current?.id ?? null, state);
  const jobState = await launch(workspace, session, {
    id,
    file,
    context: { run: session.run, silverStream: readOf(silver, state, false) },
    statePath: start.path,
    record: async () => {
      const { paused: _, ...rest } = from;
      await recordSilver(workspace, silver, { ...rest, stream });
    },
  });
  await deleteOldState(workspace, readableSilver(silver)?.stream, start.path);
  return { id, name: jobNames(dataset, session.run).streamingSilver, state: jobState, path: start.path };
}

const readOf = ({ current }: Tables["silver"], { bronzeSnapshot }: SilverState, keysOnly: boolean) => ({
  keysOnly,
  from: bronzeSnapshot,
  known: current?.id ?? null,
});
