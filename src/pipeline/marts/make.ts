import { deleteDates } from "../../execution/delete-dates.js";
import { jobNames } from "../../execution/job-names.js";
import type { Reads } from "../../execution/pinned-tables.js";
import { runBatch } from "../../execution/run-batch.js";
import type { RunSession } from "../../execution/run-session.js";
import type { JobResult } from "../../flink/jobs.js";
import { type Table, totalRecords } from "../../iceberg/catalog.js";
import { type BranchWork, branchOf, onBranch, publication, publish, writtenTo } from "../../lake/branches.js";
import { takeOver } from "../../lake/former-names.js";
import type { Workspace } from "../../workspace/workspace.js";
import type { Mart } from "./mart.js";
import { planMart } from "./mart-plan.js";
import { hashOf, martIn, recordedMart, stateOf, whyBehind } from "./mart-state.js";
import { readyTable } from "./mart-table.js";

export interface MartResult {
  readonly name: string;
  readonly table: string;
  readonly rows: number;
  readonly status: "made" | "up to date";
}

/**
 * Rebuilds a mart completely on a branch, and publishes it with a record of what it was made from. Does nothing when neither
 * its query nor a table that it reads has changed.
 */
export async function makeMart(
  workspace: Workspace,
  session: RunSession,
  mart: Mart,
): Promise<{ readonly result: MartResult; readonly job?: JobResult }> {
  const { catalog, dataset, report } = workspace;
  const { name, table } = mart;
  const found = await readyMart(workspace, mart);
  const why =
    found === undefined
      ? "never made"
      : await whyBehind(catalog, found, recordedMart(found, dataset, mart), mart);
  if (found !== undefined && why === undefined) {
    report({ type: "note", text: `${table.qualified}: up to date` });
    const rows = totalRecords(found.current);
    return { result: { name, table: table.qualified, rows, status: "up to date" } };
  }
  report({ type: "step", text: `Gold: ${table.qualified} (${why})` });
  const { columns, reads } = await planMart(workspace, mart);
  const ready = await readyTable(workspace, mart, columns, found);
  const { job, rows } = await rewrite(workspace, session, mart, ready, reads);
  return { result: { name, table: table.qualified, rows, status: "made" }, job };
}

/** The mart's table, taken over where an earlier version made it: other marts name its columns. */
async function readyMart({ catalog, dataset }: Workspace, mart: Mart): Promise<Table | undefined> {
  const found = await catalog.table(mart.table);
  if (found !== undefined) recordedMart(found, dataset, mart);
  return (await takeOver(catalog, found)) ? await catalog.table(mart.table) : found;
}

async function rewrite(
  workspace: Workspace,
  session: RunSession,
  mart: Mart,
  table: Table,
  reads: Reads,
): Promise<{ readonly job: JobResult; readonly rows: number }> {
  const { dataset, catalog } = workspace;
  session.open();
  const branch = branchOf(session.run);
  const { job, now } = await onBranch(workspace, [table], branch, async () => {
    // INSERT OVERWRITE replaces only files of the table's own spec. Another engine may have written by another one.
    if (table.current !== undefined && table.layout.specs.length > 1)
      await deleteDates(workspace, table, branch, "all");
    const job = await runBatch(workspace, session, {
      file: "11_mart",
      as: `11_mart_${mart.name}`,
      jobName: jobNames(dataset, session.run, mart.name).mart,
      context: { branch, mart: { ...mart, reads } },
    });
    const work = await writtenTo(catalog, table, branch);
    if (!keepsOldRows(work)) return { job, now: work };
    await deleteDates(workspace, table, branch, "all");
    return { job, now: await writtenTo(catalog, table, branch) };
  });
  const made = { sql: hashOf(mart), reads, snapshot: now.head };
  const record = martIn(stateOf(dataset, mart, made));
  await publish(workspace, [table], branch, publication(table, now, branch, record));
  return { job, rows: totalRecords(headOf(now)) };
}

const headOf = ({ table, head }: BranchWork) => table.snapshots.find(({ id }) => id === head);

/** INSERT OVERWRITE replaces nothing when the query returns no rows. */
function keepsOldRows(work: BranchWork): boolean {
  const added = Number(work.snapshots[0]?.summary["added-records"] ?? 0);
  return totalRecords(headOf(work)) !== added;
}
