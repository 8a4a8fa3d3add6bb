import { failed, PipectlError, usage } from "../../core/errors.js";
import type { DateRange } from "../../dataset/unit.js";
import { endLeftovers } from "../../execution/leftovers.js";
import { readyTables } from "../../execution/ready-tables.js";
import { type RunSession, runSession } from "../../execution/run-session.js";
import { activeStreams, runningStream } from "../../execution/stream-jobs.js";
import type { JobResult } from "../../flink/jobs.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { hasFormerName } from "../../lake/former-names.js";
import { loadTables } from "../../lake/tables.js";
import { lastRuns, unusualShare } from "../../ledger/dead-letter-share.js";
import { requireKnownVersions } from "../../ledger/records.js";
import { trustedState } from "../../ledger/silver-state.js";
import { exclusively } from "../../workspace/lock.js";
import { readRunRecord, recordJob } from "../../workspace/run-record.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type BronzeResult, type Landed, processBronze } from "../ingest/bronze.js";
import { processSilver, type SilverResult } from "../ingest/silver.js";
import type { MartResult } from "../marts/make.js";
import { makeMarts } from "../marts/make-all.js";
import { loadMarts, type Mart, sayNotes } from "../marts/mart.js";
import { withSilverPaused } from "../stream/continuous-silver.js";

export interface ProcessResult {
  readonly jobs: readonly JobResult[];
  readonly bronze?: Landed;
  readonly dlq?: Landed;
  /** What is unusual about the dead letters of this run: see `unusualShare`. */
  readonly unusual?: string;
  readonly silver?: { readonly total: number };
  /** Undefined when there are none. */
  readonly marts?: readonly MartResult[];
  readonly seconds: number;
}

export interface ProcessOptions {
  readonly bronze: boolean;
  readonly silver: boolean;
  /** Also without `silver`: then the marts are made from the current silver. */
  readonly marts: boolean;
  readonly range?: DateRange | undefined;
  /** Continues without records that Kafka no longer has. */
  readonly acceptLoss?: boolean;
  /** Takes rows that pipectl did not write as they are. */
  readonly acceptForeign?: boolean;
}

/**
 * Runs bronze, then silver, then the marts, in one SQL session. Each is published when its job is FINISHED and its rows are
 * counted.
 */
export async function processBatch(workspace: Workspace, options: ProcessOptions): Promise<ProcessResult> {
  if (options.bronze) requireBatchMode(workspace);
  // Loaded before any work, because a wrong file is a usage error.
  const marts = options.marts ? loadMarts(workspace.config.root, workspace.dataset) : [];
  sayNotes(workspace.report, marts);
  // Checked before the lock, so that a command without a running stack does not create a lock file.
  await workspace.catalog.ping();
  return await exclusively(workspace, "run", () => runSteps(workspace, options, marts));
}

/** @throws PipectlError (usage) `mode` with the line to change, unless MODE=batch */
export function requireBatchMode({ config }: Workspace): void {
  if (config.values.MODE !== "batch") {
    throw usage("mode", `MODE is ${config.values.MODE}, but this command needs MODE=batch`, {
      hint: `set MODE=batch in ${config.envFile}, or add --mode batch`,
    });
  }
}

/** @throws PipectlError (failed) `stream_running`: both would ingest the same records */
async function requireNoStream(workspace: Workspace): Promise<void> {
  const [stream] = await activeStreams(workspace);
  if (stream === undefined) return;
  throw failed(
    "stream_running",
    `a streaming job already reads the records: ${stream.id} is ${stream.state}`,
    {
      hint: "pipectl stop ends it with a savepoint; pipectl process-silver runs beside it",
    },
  );
}

/** The same, in either mode. Only for the owner of the lock "run". */
export async function runSteps(
  workspace: Workspace,
  options: ProcessOptions,
  marts: readonly Mart[],
): Promise<ProcessResult> {
  const started = performance.now();
  await endLeftovers(workspace);
  await Promise.all([
    requireKnownVersions(workspace),
    readRunRecord(workspace.runtime.home, workspace.dataset.name),
  ]);
  if (options.bronze) await requireNoStream(workspace);
  const session = runSession(workspace);
  try {
    const bronze = options.bronze ? await bronzeStep(workspace, session, options) : undefined;
    const unusual = bronze?.job === undefined ? undefined : await unusualDeadLetters(workspace);
    const silver = options.silver ? await silverStep(workspace, session, options) : undefined;
    if (!options.bronze && !options.silver) await takeOverTables(workspace);
    const gold = marts.length === 0 ? undefined : await makeMarts(workspace, session, marts);
    return {
      jobs: [bronze?.job, silver?.job, ...(gold?.jobs ?? [])].filter((job) => job !== undefined),
      ...(bronze === undefined ? {} : { bronze: bronze.bronze, dlq: bronze.dlq }),
      ...(unusual === undefined ? {} : { unusual }),
      ...(silver === undefined ? {} : { silver: { total: silver.total } }),
      ...(gold === undefined ? {} : { marts: gold.marts }),
      seconds: Math.round(performance.now() - started) / 1000,
    };
  } finally {
    await session.close();
  }
}

/** Marts alone can be the first to write beside tables of an earlier version. Their SQL has the column names of now. */
async function takeOverTables(workspace: Workspace): Promise<void> {
  const tables = await loadTables(workspace.catalog, workspace.dataset);
  if (Object.values(tables).some(hasFormerName)) await readyTables(workspace);
}

async function bronzeStep(
  workspace: Workspace,
  session: RunSession,
  { acceptLoss = false, acceptForeign = false }: ProcessOptions,
): Promise<BronzeResult> {
  const result = await processBronze(workspace, session, acceptLoss, acceptForeign);
  if (result.job !== undefined)
    await recordJob(workspace.runtime.home, workspace.dataset.name, "bronze", result.job);
  return result;
}

/** The run has landed already: where the tables cannot be read again, it has still worked. */
async function unusualDeadLetters({ catalog, dataset, config }: Workspace): Promise<string | undefined> {
  try {
    const { bronze, dlq } = await loadTables(catalog, dataset);
    return unusualShare(lastRuns(bronze, dlq), config.values.DLQ_MAX_SHARE);
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return undefined;
  }
}

async function silverStep(
  workspace: Workspace,
  session: RunSession,
  { bronze, range }: ProcessOptions,
): Promise<SilverResult> {
  // While a stream runs, batch bronze is refused, so only silver can run beside one.
  const stream = bronze ? undefined : await runningStream(workspace, "silver");
  const step = async (paused = false) => {
    const result = await processSilver(workspace, session, range, paused);
    if (result.job !== undefined)
      await recordJob(workspace.runtime.home, workspace.dataset.name, "silver", result.job);
    return result;
  };
  if (stream === undefined) return await step();
  const { silver } = await readyTables(workspace);
  if (range !== undefined || trustedState(silver, workspace.dataset) === undefined)
    return await withSilverPaused(workspace, () => step(true));
  workspace.report({
    type: "note",
    text: `silver: job ${stream.id} keeps it up to date; it is ${stream.state}`,
  });
  return { job: undefined, total: totalRecords(silver.current), dates: [] };
}
