import { failed } from "../../core/errors.js";
import { count } from "../../core/format.js";
import {
  type DateRange,
  firstDay,
  lastDay,
  partitionsIn,
  rangesOf,
  type Unit,
  unitsIn,
} from "../../dataset/unit.js";
import { batchQuery } from "../../execution/batch-query.js";
import type { SilverRead } from "../../execution/sql-context.js";
import { type Table, totalRecords } from "../../iceberg/catalog.js";
import { appendedSince } from "../../lake/lineage.js";
import { appendedBetween, asOf, type ReadOptions, readFrom } from "../../lake/read-options.js";
import { silverColumns, silverCondition } from "../../lake/silver-columns.js";
import { partitionsAtOnce, unitOf } from "../../lake/silver-units.js";
import type { SilverState } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { namingCasts } from "./cast-failure.js";

/** What a run of silver reads and replaces. */
export interface SilverPlan {
  /** Dates whose rows are taken out before anything is written. */
  readonly clear: readonly DateRange[] | "all" | "none";
  /** Reads that together bring every row, each by a job of its own. */
  readonly reads: readonly SilverRead[];
  /** First days of the partitions that are rewritten; empty when all are, or a range. */
  readonly dates: readonly string[];
}

/** More partitions than this are no table that anybody could read. */
const maxDates = 100_000;

/** Decides which rows of bronze to read, and which partitions of silver to merge them into. */
export async function planSilver(
  workspace: Workspace,
  bronze: Table,
  silver: Table,
  state: SilverState | undefined,
  range: DateRange | undefined,
): Promise<SilverPlan | "nothing"> {
  const { partitionBy, wins } = workspace.dataset.silver;
  const head = bronze.current?.id as string;
  // A snapshot without a total, as another engine's may be, says nothing: it may have rows.
  const empty = silver.current === undefined || silver.current.summary["total-records"] === "0";
  const unit = unitOf(silver, partitionBy.name, state?.spec);
  const anew = async (of?: DateRange): Promise<SilverPlan> => {
    const reads = await portions(workspace, bronze, of);
    return { clear: empty ? "none" : of === undefined ? "all" : [of], reads, dates: [] };
  };
  if (state === undefined || unit === undefined) return await anew();
  if (range !== undefined) return await anew(widened(workspace, range, unit));
  // An incremental read sees every row only if all commits in between were appends.
  if (appendedSince(bronze, state.bronzeSnapshot) === undefined) return await anew();
  const added = appendedBetween(state.bronzeSnapshot, head);
  workspace.report({ type: "step", text: "Silver: looking for the dates that the new rows touch" });
  const dates = await datesOf(workspace, added, unit);
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return "nothing";
  // Silver's rows do not show which correction wins, so these dates are rebuilt from all of bronze.
  if (wins === "last") return await anew({ from: first, to: lastDay(last, unit) });
  const parts = grouped(
    dates,
    Math.max(1, Math.floor(limitOf(workspace) / partitionsIn(unit, partitionBy.transform))),
  );
  return {
    // INSERT OVERWRITE replaces only files of the spec that it writes by.
    clear:
      silver.layout.specs.length > 1 && state.spec !== silver.layout.specId ? rangesOf(dates, unit) : "none",
    reads: parts.map((part) => ({
      ...merging(added, part, unit),
      ...(parts.length > 1 ? spanOf(part, unit) : {}),
    })),
    dates,
  };
}

const limitOf = ({ config, dataset }: Workspace) =>
  partitionsAtOnce(silverColumns(dataset), config.values.TASK_HEAP_MB);

const merging = (readOptions: ReadOptions, dates: readonly string[], unit: Unit): SilverRead => ({
  ...{ readOptions, dates, unit },
});

const spanOf = (dates: readonly string[], unit: Unit) => ({
  range: { from: dates[0] as string, to: lastDay(dates.at(-1) as string, unit) },
});

/** All of bronze, or a range of its dates, in reads that each touch no more partitions than a job can write at once. */
async function portions(
  workspace: Workspace,
  bronze: Table,
  range: DateRange | undefined,
): Promise<SilverRead[]> {
  const all = asOf(bronze.current?.id as string);
  const limit = limitOf(workspace);
  const whole = { ...merging(all, [], "day"), ...(range === undefined ? {} : { range }) };
  const most = Math.min(totalRecords(bronze.current), range === undefined ? maxDates : unitsIn(range));
  if (most <= limit) return [whole];
  workspace.report({ type: "step", text: "Silver: looking for the dates that bronze has" });
  const { transform } = workspace.dataset.silver.partitionBy;
  const dates = (await datesOf(workspace, all, transform)).filter(
    (date) => range === undefined || (lastDay(date, transform) >= range.from && date <= range.to),
  );
  if (dates.length <= limit) return [whole];
  return grouped(dates, limit).map((part) => ({ ...merging(all, [], "day"), ...spanOf(part, transform) }));
}

/** Groups of about the same size. */
function grouped(dates: readonly string[], limit: number): string[][] {
  const size = Math.ceil(dates.length / Math.ceil(dates.length / limit));
  return Array.from({ length: Math.ceil(dates.length / size) }, (_, i) =>
    dates.slice(i * size, (i + 1) * size),
  );
}

/** A range of whole units. */
function widened({ report }: Workspace, { from, to }: DateRange, unit: Unit): DateRange {
  const wide = { from: firstDay(from, unit), to: lastDay(to, unit) };
  if (wide.from !== from || wide.to !== to)
    report({ type: "note", text: `silver is partitioned by ${unit}: ${wide.from} to ${wide.to}` });
  return wide;
}

/**
 * The first days of the units of silver that the rows touch, sorted.
 *
 * @throws PipectlError (failed) `partition_missing` when a row has no date
 */
async function datesOf(workspace: Workspace, readOptions: ReadOptions, unit: Unit): Promise<string[]> {
  const { dataset, signal } = workspace;
  const { partitionBy } = dataset.silver;
  const sql =
    `SELECT DISTINCT CAST(CAST(${partitionBy.expr} AS ${partitionBy.type}) AS STRING) ` +
    `FROM ${readFrom(dataset.tables.bronze, readOptions)} WHERE ${silverCondition(dataset)}`;
  const { rows } = await namingCasts(workspace, readOptions, () =>
    batchQuery(workspace, "pipectl dates", (session) => session.query(sql, maxDates, signal)),
  );
  const dates = rows.map(([date]) => date);
  if (dates.includes(null) || dates.length >= maxDates) {
    const why = dates.includes(null) ? "some rows have none" : `there are ${count(maxDates)} or more`;
    throw failed(
      "partition_missing",
      `silver cannot be partitioned by ${partitionBy.name} = ${partitionBy.expr}: ${why}`,
      {
        hint: "mend partition_by of the manifest, or keep such rows out with a filter; nothing has changed",
      },
    );
  }
  return [...new Set(dates.map((date) => firstDay(String(date), unit)))].sort();
}

/** The plan in words. */
export function describePlan({ reads, dates }: SilverPlan): string {
  const range = reads[0]?.dates.length === 0 && reads[0].range ? reads : undefined;
  const jobs = reads.length > 1 ? `, in ${reads.length} jobs` : "";
  if (range !== undefined)
    return `all of bronze from ${range[0]?.range?.from} to ${range.at(-1)?.range?.to}${jobs}`;
  if (dates.length === 0) return "all of bronze";
  const [first, last] = [dates[0], dates.at(-1)];
  return dates.length === 1
    ? `new rows of ${first}`
    : `new rows of ${dates.length} dates, ${first} to ${last}${jobs}`;
}
