import { PipectlError } from "../../core/errors.js";
import { count, duration, plural } from "../../core/format.js";
import { poll } from "../../core/poll.js";
import type { Dataset } from "../../dataset/types.js";
import type { Table } from "../../iceberg/catalog.js";
import { query } from "../query.js";
import { asOf, readHint } from "../read-options.js";
import { trustedState } from "../silver-state.js";
import { overdueMs } from "../stream/current.js";
import { activeStreams } from "../stream/jobs.js";
import { loadTables, silverColumns } from "../tables.js";
import type { Workspace } from "../workspace.js";
import type { Stage } from "./result.js";

/** Keys of bronze and silver, compared. */
export interface Comparison {
  /** Of bronze, behind the filters. */
  readonly keys: number;
  /** In bronze and not in silver. */
  readonly missing: number;
  /** Of these, in bronze for longer than a stream may take. */
  readonly overdue: number;
  /** In silver and not in bronze. */
  readonly foreign: number;
  /** With another row in silver than all that bronze has of them. */
  readonly altered: number;
  /** With rows in bronze that are not the same. */
  readonly differing: number;
}

type Verdict = Pick<Stage, "status" | "detail" | "hint">;

/**
 * Compares silver with bronze, key by key and row by row: with the snapshot that a batch run made it from, or, where a stream
 * keeps it, with bronze as it is.
 */
export async function compareSilver(workspace: Workspace, settleMs: number): Promise<Verdict> {
  const { dataset, catalog, config, signal, report } = workspace;
  const [job] = await activeStreams(workspace, "silver");
  const look = async (): Promise<{ readonly verdict: Verdict; readonly missing: number }> => {
    // Silver first: it has nothing that bronze has not.
    const silver = await catalog.table(dataset.tables.silver);
    const { bronze } = await loadTables(catalog, dataset);
    const state = silver === undefined ? undefined : trustedState(silver, dataset);
    if (silver?.current === undefined || bronze?.current === undefined || state === undefined)
      return notCompared("it was not made from it by these rules");
    const from = state.stream === undefined ? state.bronzeSnapshot : bronze.current.id;
    if (from === null || !bronze.snapshots.some(({ id }) => id === from))
      return notCompared("the snapshot that it was made from is gone");
    const late = overdueMs(config.values.CHECKPOINT_INTERVAL);
    const found = await compare(workspace, silver, from, Date.now() - late);
    const kept = state.stream === undefined ? "batch" : job === undefined ? "stopped" : "stream";
    return { verdict: judge(found, kept, dataset.silver.wins, late), missing: found.missing };
  };
  let last = await look();
  if (job === undefined || settleMs === 0 || last.missing === 0) return last.verdict;
  await poll(
    async (why) => {
      last = await look();
      why(last.verdict.detail);
      return last.missing === 0 ? true : undefined;
    },
    { what: "silver to have all of bronze", timeoutMs: settleMs, signal, report, intervalMs: 1_000 },
  ).catch((error) => {
    if (!(error instanceof PipectlError)) throw error;
  });
  return last.verdict;
}

const notCompared = (why: string) => ({
  verdict: { status: "pass", detail: `not compared with bronze: ${why}` } as const,
  missing: 0,
});

/**
 * What a comparison means. Pure.
 *
 * @param kept how silver is kept: made by batch runs, by a stream that runs, or by one that was stopped
 * @param late milliseconds that a key may take from bronze to silver
 */
export function judge(
  { keys, missing, overdue, foreign, altered, differing }: Comparison,
  kept: "batch" | "stream" | "stopped",
  wins: Dataset["silver"]["wins"],
  late: number,
): Verdict {
  const mustBeThere = kept === "batch" ? missing : kept === "stream" ? overdue : 0;
  const wrong = [
    mustBeThere === 0
      ? ""
      : `${count(mustBeThere)} keys of bronze are missing${kept === "stream" ? ` after ${duration(late)}` : ""}`,
    foreign > 0 ? `${count(foreign)} keys are not in bronze` : "",
    altered > 0 ? `${count(altered)} rows are not as in bronze` : "",
  ].filter((text) => text !== "");
  if (wrong.length > 0) {
    const hint =
      kept === "batch"
        ? "pipectl process-silver --from DATE --to DATE makes them anew"
        : "pipectl process-streaming --silver --from-tables begins anew, after pipectl stop";
    return { status: "fail", detail: wrong.join(", "), hint };
  }
  const behind = missing > 0 ? `; ${count(missing)} are not there yet` : "";
  const same = `${plural(keys, "key")} of bronze, each with its row${behind}`;
  if (differing > 0 && wins === "identical") {
    return {
      status: "warn",
      detail: `${same}; of ${count(differing)} keys bronze has rows that differ: silver may have any of them`,
      hint: "wins: last in the dataset's manifest keeps the last one",
    };
  }
  return { status: "pass", detail: same };
}

async function compare(
  workspace: Workspace,
  silver: Table,
  bronzeSnapshot: string,
  lateBefore: number,
): Promise<Comparison> {
  const { dataset } = workspace;
  const columns = silverColumns(dataset);
  const { id, filters } = dataset.silver;
  const nameOf = ({ namespace, table }: { namespace: string; table: string }) =>
    `\`${namespace}\`.\`${table}\``;
  // A character that no text of a record should have stands between the columns.
  const row = `MD5(CONCAT_WS(U&'\\001F', ${columns.map(({ name }) => `COALESCE(CAST(\`${name}\` AS STRING), '\\N')`).join(", ")}))`;
  const made = columns.map(({ name, type, expr }) => `CAST(${expr} AS ${type}) AS \`${name}\``).join(", ");
  const where = filters.map((filter) => `(${filter})`).join(" AND ");
  const late = `TO_TIMESTAMP_LTZ(${lateBefore}, 3)`;
  const { rows } = await query(
    workspace,
    `SELECT
       SUM(CASE WHEN in_bronze > 0 THEN 1 ELSE 0 END),
       SUM(CASE WHEN in_silver = 0 THEN 1 ELSE 0 END),
       SUM(CASE WHEN in_silver = 0 AND since < ${late} THEN 1 ELSE 0 END),
       SUM(CASE WHEN in_bronze = 0 THEN 1 ELSE 0 END),
       SUM(CASE WHEN least_row = most_row AND silver_row <> least_row THEN 1 ELSE 0 END),
       SUM(CASE WHEN least_row <> most_row THEN 1 ELSE 0 END)
     FROM (
       SELECT pipectl_id, SUM(in_bronze) AS in_bronze, SUM(in_silver) AS in_silver, MIN(since) AS since,
         MIN(bronze_row) AS least_row, MAX(bronze_row) AS most_row, MAX(silver_row) AS silver_row
       FROM (
         SELECT \`${id}\` AS pipectl_id, 1 AS in_bronze, 0 AS in_silver, since, ${row} AS bronze_row,
           CAST(NULL AS STRING) AS silver_row
         FROM (
           SELECT ${made}, ingestion_ts AS since
           FROM ${nameOf(dataset.tables.bronze)}${readHint(asOf(bronzeSnapshot))} WHERE ${where}
         )
         UNION ALL
         SELECT \`${id}\`, 0, 1, CAST(NULL AS TIMESTAMP_LTZ(3)), CAST(NULL AS STRING), ${row}
         FROM ${nameOf(dataset.tables.silver)}${readHint(silver.current === undefined ? {} : asOf(silver.current.id))}
       ) GROUP BY pipectl_id
     )`,
    1,
  );
  const [keys = 0, missing = 0, overdue = 0, foreign = 0, altered = 0, differing = 0] = (rows[0] ?? []).map(
    Number,
  );
  return { keys, missing, overdue, foreign, altered, differing };
}
