import { usage } from "../../core/errors.js";
import { sum } from "../../core/sum.js";
import type { DateRange } from "../../dataset/unit.js";
import { deleteDates } from "../../execution/delete-dates.js";
import { deleteOldState } from "../../execution/delete-state.js";
import { jobNames } from "../../execution/job-names.js";
import { readyTables } from "../../execution/ready-tables.js";
import { runBatch } from "../../execution/run-batch.js";
import type { RunSession } from "../../execution/run-session.js";
import type { JobResult } from "../../flink/jobs.js";
import { type Table, totalRecords } from "../../iceberg/catalog.js";
import { branchOf, onBranch, publication, publish, writtenTo } from "../../lake/branches.js";
import { sameRows } from "../../lake/lineage.js";
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
import { namingCasts } from "./cast-failure.js";
import { describePlan, planSilver, type SilverPlan } from "./silver-read.js";

export interface SilverResult {
  /** Undefined when silver was up to date and no job ran. */
  readonly job: JobResult | undefined;
  readonly total: number;
  /** Dates whose partitions were rewritten; undefined when all were. */
  readonly dates: readonly string[] | undefined;
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

  const plan = await planSilver(workspace, bronze, silver, state, range);
  const next: SilverState = {
    version: 1,
    // A range says nothing about the other dates: their new rows are still to be read.
    bronzeSnapshot: state === undefined || range === undefined ? bronze.current.id : state.bronzeSnapshot,
    silverSnapshot: null,
    ...rulesFor(dataset),
    ...specAfter(silver, state, plan),
    ...(paused ? { paused } : {}),
  };
  if (plan === "nothing") {
    await recordSilver(workspace, silver, stateAt(silver, silver.current?.id ?? null, next));
    await deleteOldState(workspace, readableSilver(silver)?.stream);
    report({ type: "note", text: "silver: no new row passes the filters" });
    return { job: undefined, total, dates: [] };
  }
  return await rewrite(workspace, session, silver, plan, next);
}

/** The spec that all of silver's files are of afterwards, where that is known. */
function specAfter(
  { layout }: Table,
  state: SilverState | undefined,
  plan: SilverPlan | "nothing",
): { spec?: number } {
  const isAnew =
    plan !== "nothing" && plan.dates.length === 0 && plan.reads.every(({ range }) => range === undefined);
  if (isAnew || layout.specs.length === 1) return { spec: layout.specId };
  return state?.spec === undefined ? {} : { spec: state.spec };
}

async function rewrite(
  workspace: Workspace,
  session: RunSession,
  silver: Table,
  plan: SilverPlan,
  next: SilverState,
): Promise<SilverResult> {
  const { dataset, catalog, report } = workspace;
  report({ type: "step", text: `Silver: ${describePlan(plan)}` });
  session.open();
  const branch = branchOf(session.run);
  const { job, now } = await onBranch(workspace, [silver], branch, async () => {
    if (plan.clear !== "none") await deleteDates(workspace, silver, branch, plan.clear);
    const jobs: JobResult[] = [];
    for (const [i, read] of plan.reads.entries()) {
      const part = plan.reads.length === 1 ? "" : ` ${i + 1}/${plan.reads.length}`;
      const batch = {
        file: "06_silver",
        jobName: jobNames(dataset, session.run).silver + part,
        context: { branch, silver: { ...read, part } },
      } as const;
      jobs.push(await namingCasts(workspace, read.readOptions, () => runBatch(workspace, session, batch)));
    }
    const now = await writtenTo(catalog, silver, branch);
    await requireQuality(workspace, now.head);
    const job = { ...(jobs.at(-1) as JobResult), seconds: sum(jobs.map(({ seconds }) => seconds)) };
    return { job, now };
  });
  const state = silverIn(stateAt(now.table, now.head, next));
  await publish(workspace, [silver], branch, publication(silver, now, branch, state));
  // Silver is made by batch runs again: no stream may resume from its old state.
  await deleteOldState(workspace, readableSilver(silver)?.stream);
  return {
    job,
    total: totalRecords(now.table.snapshots.find((snapshot) => snapshot.id === now.head)),
    dates: plan.dates.length > 0 ? plan.dates : undefined,
  };
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
