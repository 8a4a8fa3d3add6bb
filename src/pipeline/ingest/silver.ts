import { usage } from "../../core/errors.js";
import { batchQuery } from "../../execution/batch-query.js";
import { deleteDates } from "../../execution/delete-dates.js";
import { deleteOldState } from "../../execution/delete-state.js";
import { jobNames } from "../../execution/job-names.js";
import { readyTables } from "../../execution/ready-tables.js";
import { runBatch } from "../../execution/run-batch.js";
import type { RunSession } from "../../execution/run-session.js";
import type { SilverRead } from "../../execution/sql-context.js";
import type { JobResult } from "../../flink/jobs.js";
import { type Table, totalRecords } from "../../iceberg/catalog.js";
import { branchOf, onBranch, publication, publish, writtenTo } from "../../lake/branches.js";
import { appendedSince, sameRows } from "../../lake/lineage.js";
import { appendedBetween, asOf, type ReadOptions, readFrom } from "../../lake/read-options.js";
import { silverCondition } from "../../lake/silver-columns.js";
import {
  readableSilver,
  recordSilver,
  rulesFor,
  type SilverState,
  silverIn,
  stateAt,
  stateOver,
  trustedState,
} from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { requireQuality } from "../quality/gate.js";

export interface SilverResult {
  /** Undefined when silver was up to date and no job ran. */
  readonly job: JobResult | undefined;
  readonly total: number;
  /** Dates whose partitions were rewritten; undefined when all were. */
  readonly dates: readonly string[] | undefined;
}

export interface DateRange {
  readonly from: string;
  readonly to: string;
}

/**
 * Brings silver up to date with bronze. New bronze rows are merged into the dates that they touch, and only those are
 * rewritten, so that the work depends on the new rows and not on the size of bronze. Silver is rebuilt from all of bronze when
 * the dataset's rules have changed or another program wrote to it, and for the dates of `wanted` if given.
 *
 * @param paused true when continuous silver is to resume afterwards
 */
export async function processSilver(
  workspace: Workspace,
  session: RunSession,
  wanted?: DateRange,
  paused = false,
): Promise<SilverResult> {
  const { dataset, report } = workspace;
  const { bronze, silver } = await readyTables(workspace);
  const total = totalRecords(silver.current);
  if (bronze.current === undefined) {
    report({ type: "note", text: "silver: bronze is empty" });
    return { job: undefined, total, dates: [] };
  }
  const trusted = trustedState(silver, dataset);
  const state = stateOver(bronze, trusted);
  // A silver that was never complete is rebuilt in full: a part of it would look like everything.
  const range = state === undefined ? undefined : wanted;
  if (wanted !== undefined && range === undefined) {
    report({
      type: "warning",
      text:
        trusted === undefined
          ? "silver was never complete under these rules: all of it is rebuilt, not only the range"
          : "bronze has been set back, or a run was killed, since silver's stream read it: all of silver is rebuilt, not only the range",
    });
  }
  const upToDate = state !== undefined && sameRows(bronze, state.bronzeSnapshot);
  if (upToDate && range === undefined) {
    if ((state.paused ?? false) !== paused) await recordSilver(workspace, silver, { ...state, paused });
    report({ type: "note", text: "silver: nothing new in bronze" });
    return { job: undefined, total, dates: [] };
  }

  const read = await whatToRead(workspace, bronze, silver, state, range);
  const next: SilverState = {
    version: 1,
    // A range says nothing about the other dates: their new rows are still to be read.
    bronzeSnapshot: state === undefined || range === undefined ? bronze.current.id : state.bronzeSnapshot,
    silverSnapshot: null,
    ...rulesFor(dataset),
    ...(paused ? { paused } : {}),
  };
  if (read === "nothing") {
    await recordSilver(workspace, silver, stateAt(silver, silver.current?.id ?? null, next));
    await deleteOldState(workspace, readableSilver(silver)?.stream);
    report({ type: "note", text: "silver: no new row passes the filters" });
    return { job: undefined, total, dates: [] };
  }
  return await rewrite(workspace, session, silver, read, next);
}

async function rewrite(
  workspace: Workspace,
  session: RunSession,
  silver: Table,
  read: SilverRead & { readonly clear: DateRange | "all" | "none" },
  next: SilverState,
): Promise<SilverResult> {
  const { dataset, catalog, report } = workspace;
  report({ type: "step", text: `Silver: ${describe(read)}` });
  session.open();
  const branch = branchOf(session.run);
  const { job, now } = await onBranch(workspace, [silver], branch, async () => {
    if (read.clear !== "none") await deleteDates(workspace, silver, branch, read.clear);
    const job = await runBatch(workspace, session, {
      file: "06_silver",
      jobName: jobNames(dataset, session.run).silver,
      context: { branch, silver: read },
    });
    const now = await writtenTo(catalog, silver, branch);
    await requireQuality(workspace, now.head);
    return { job, now };
  });
  const state = silverIn(stateAt(now.table, now.head, next));
  await publish(workspace, [silver], branch, publication(silver, now, branch, state));
  // Silver is made by batch runs again: no stream may resume from its old state.
  await deleteOldState(workspace, readableSilver(silver)?.stream);
  return {
    job,
    total: totalRecords(now.table.snapshots.find((snapshot) => snapshot.id === now.head)),
    dates: read.dates.length > 0 ? read.dates : undefined,
  };
}

/** Decides which rows of bronze to read, and which dates of silver to merge them into. */
async function whatToRead(
  workspace: Workspace,
  bronze: Table,
  silver: Table,
  state: SilverState | undefined,
  range: DateRange | undefined,
): Promise<(SilverRead & { clear: DateRange | "all" | "none" }) | "nothing"> {
  const head = bronze.current?.id as string;
  const all = asOf(head);
  // A snapshot without a total, as another engine's may be, says nothing: it may have rows.
  const empty = silver.current === undefined || silver.current.summary["total-records"] === "0";
  if (range !== undefined) return { readOptions: all, dates: [], range, clear: empty ? "none" : range };
  // An incremental read sees every row only if all commits in between were appends.
  if (state === undefined || appendedSince(bronze, state.bronzeSnapshot) === undefined) {
    return { readOptions: all, dates: [], clear: empty ? "none" : "all" };
  }
  const added = appendedBetween(state.bronzeSnapshot, head);
  const dates = await datesOf(workspace, added);
  if (dates.length === 0) return "nothing";
  const [from, to] = [dates[0] as string, dates.at(-1) as string];
  // Silver's rows do not show which correction wins, so these dates are rebuilt from all of bronze.
  if (workspace.dataset.silver.wins === "last") {
    return { readOptions: all, dates: [], range: { from, to }, clear: { from, to } };
  }
  return { readOptions: added, dates, clear: "none" };
}

/** The dates of silver that the rows touch, sorted. */
async function datesOf(workspace: Workspace, readOptions: ReadOptions): Promise<string[]> {
  const { dataset, signal, report } = workspace;
  report({ type: "step", text: "Silver: looking for the dates that the new rows touch" });
  const { partitionBy } = dataset.silver;
  const sql =
    `SELECT DISTINCT CAST(CAST(${partitionBy.expr} AS ${partitionBy.type}) AS STRING) ` +
    `FROM ${readFrom(dataset.tables.bronze, readOptions)} WHERE ${silverCondition(dataset)}`;
  const { rows } = await batchQuery(workspace, "pipectl dates", (session) =>
    session.query(sql, 100_000, signal),
  );
  return rows.map(([date]) => String(date)).sort();
}

function describe(read: SilverRead): string {
  if (read.range !== undefined) return `all of bronze from ${read.range.from} to ${read.range.to}`;
  if (read.dates.length === 0) return "all of bronze";
  const [first, last] = [read.dates[0], read.dates.at(-1)];
  return read.dates.length === 1
    ? `new rows of ${first}`
    : `new rows of ${read.dates.length} dates, ${first} to ${last}`;
}

/** @throws PipectlError (usage) unless both are dates and in order */
export function dateRange(from: string | undefined, to: string | undefined): DateRange | undefined {
  if (from === undefined && to === undefined) return undefined;
  const start = from ?? (to as string);
  const end = to ?? start;
  for (const date of [start, end]) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || new Date(`${date}T00:00:00Z`).toJSON()?.slice(0, 10) !== date) {
      throw usage("date_invalid", `'${date}' is no date: write YYYY-MM-DD`);
    }
  }
  if (start > end) throw usage("date_invalid", `--from ${start} lies after --to ${end}`);
  return { from: start, to: end };
}
