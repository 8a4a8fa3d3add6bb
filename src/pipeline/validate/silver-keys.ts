import { count, plural } from "../../core/format.js";
import type { Verdict } from "../../core/verdict.js";
import { parseColumnType, storedSql } from "../../dataset/column-type.js";
import type { Dataset } from "../../dataset/types.js";
import { query } from "../../execution/query.js";
import { activeStreams } from "../../execution/stream-jobs.js";
import type { JobOverview } from "../../flink/rest.js";
import type { Table } from "../../iceberg/catalog.js";
import { rowsOf } from "../../lake/former-names.js";
import { hasAncestor, keepsSnapshot, sameRows } from "../../lake/lineage.js";
import { asOf, readFrom } from "../../lake/read-options.js";
import { silverColumns, silverCondition } from "../../lake/silver-columns.js";
import { overdueMs } from "../../ledger/current.js";
import { recordedSilver, trustedState, unrecordedSilver } from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { silverReach } from "../maintain/silver-reach.js";

/** The result of comparing bronze and silver by key. */
export interface Comparison {
  /** Keys of bronze that pass the filters. */
  readonly keys: number;
  /** In bronze and not in silver. */
  readonly missing: number;
  /** In silver and not in bronze. */
  readonly foreign: number;
  /** Keys whose row in silver differs from bronze's, while all rows of bronze with the key are equal. */
  readonly altered: number;
  /** Keys that have different rows in bronze. */
  readonly differing: number;
}

/**
 * Compares current silver with current bronze, key by key and row by row.
 *
 * @param held a bronze snapshot that silver is known to hold completely; undefined when its stream was not asked
 * @param reachOf finds the bronze snapshot up to which silver's stream has committed everything
 */
export async function compareSilver(
  workspace: Workspace,
  held: string | undefined,
  reachOf: typeof silverReach = silverReach,
): Promise<Verdict> {
  const { dataset, catalog } = workspace;
  const [job] = await activeStreams(workspace, ["silver"]);
  // Taken before the tables: however long the comparison takes, what came since is not asked of silver.
  const at = Date.now();
  // Silver is loaded first, so that it has nothing that bronze does not have.
  const silver = await catalog.table(dataset.tables.silver);
  const bronze = await catalog.table(dataset.tables.bronze);
  const unrecorded = unrecordedSilver(silver);
  if (unrecorded !== undefined) throw unrecorded;
  const recorded = recordedSilver(silver);
  if (silver === undefined || bronze?.current === undefined || recorded === undefined)
    return { status: "pass", detail: "nothing to compare: it was never made" };
  if (trustedState(silver, dataset) === undefined) {
    const detail = "it was changed by another program, or the dataset's rules have changed";
    const hint =
      job === undefined ? "pipectl process-silver" : "pipectl stop, then: pipectl process-streaming --silver";
    return { status: "fail", detail, hint };
  }
  const found = await compare(workspace, silver, bronze, bronze.current.id);
  const { stream, bronzeSnapshot } = recorded;
  const complete =
    stream === undefined
      ? // A batch run has made it, perhaps from an older bronze.
        sameRows(bronze, bronzeSnapshot)
      : job === undefined && stream.stopped === undefined;
  if (complete || found.missing === 0 || job === undefined)
    return judge(found, complete ? found.missing : 0, dataset.silver.wins);
  const due = dueSnapshot(workspace, job, bronze, held, at);
  const late = due === undefined ? 0 : (await compare(workspace, silver, bronze, due)).missing;
  if (late === 0 || due === held || stream === undefined) return judge(found, late, dataset.silver.wins);
  return await lacking(workspace, found, late, await reachOf(workspace, stream));
}

/**
 * Silver lacks keys that its stream has had the time to take. A slow stream looks the same, and only its own position tells the two
 * apart: what it says that it has taken must be there.
 *
 * @param reach silver as it is now holds this bronze snapshot completely, by its stream; undefined when that is unknown
 */
async function lacking(
  workspace: Workspace,
  found: Comparison,
  late: number,
  reach: string | undefined,
): Promise<Verdict> {
  const { catalog, dataset } = workspace;
  const silver = await catalog.table(dataset.tables.silver);
  const bronze = await catalog.table(dataset.tables.bronze);
  const known = silver !== undefined && bronze !== undefined && reach !== undefined;
  const lost =
    known && keepsSnapshot(bronze, reach) ? (await compare(workspace, silver, bronze, reach)).missing : 0;
  const verdict = judge(found, lost, dataset.silver.wins);
  if (verdict.status === "fail") return verdict;
  const why = `silver lacked ${plural(late, "key")} that came long before: its stream is behind`;
  return {
    status: "warn",
    detail: `${verdict.detail}; ${why}`,
    hint: "pipectl validate --deep --settle 5min",
  };
}

/** The newest bronze snapshot that silver's stream has read completely, or has had enough time to read. */
function dueSnapshot(
  { config }: Workspace,
  job: JobOverview,
  bronze: Table,
  held: string | undefined,
  at: number,
): string | undefined {
  if (held !== undefined && keepsSnapshot(bronze, held)) return held;
  const before = at - overdueMs(config.values.CHECKPOINT_INTERVAL);
  if (job.startTime > before) return undefined;
  const head = bronze.current?.id;
  return bronze.snapshots.findLast(
    ({ id, timestampMs }) => timestampMs < before && head !== undefined && hasAncestor(bronze, head, id),
  )?.id;
}

/**
 * The verdict of a comparison. Pure.
 *
 * @param late missing keys that should be there: keys of a bronze that silver was made from, or that its stream has had enough
 *   time to read
 */
export function judge(
  { keys, missing, foreign, altered, differing }: Comparison,
  late: number,
  wins: Dataset["silver"]["wins"],
): Verdict {
  const wrong = [
    late > 0 ? `${plural(late, "key")} of bronze missing` : "",
    foreign > 0 ? `${plural(foreign, "key")} that bronze does not have` : "",
    altered > 0 ? `${plural(altered, "row")} not as in bronze` : "",
  ].filter((text) => text !== "");
  if (wrong.length > 0) {
    const hint = "pipectl jobs; pipectl process-silver --from DATE --to DATE rebuilds these dates";
    return { status: "fail", detail: wrong.join(", "), hint };
  }
  const corrected = differing > 0 && wins === "last";
  const compared = `${plural(keys, "key")} of bronze, each with its row`;
  const except = corrected
    ? `, but for ${count(differing)} corrected ones, of which only the presence is checked`
    : "";
  const behind = missing > 0 ? `; ${count(missing)} are not in silver yet` : "";
  if (differing > 0 && !corrected) {
    return {
      status: "warn",
      detail: `${compared}${behind}; of ${plural(differing, "key")} bronze has rows that differ: silver may have any of them`,
      hint: "wins: last in the dataset's manifest keeps the last one",
    };
  }
  return { status: "pass", detail: `${compared}${except}${behind}` };
}

async function compare(
  workspace: Workspace,
  silver: Table,
  bronze: Table,
  bronzeSnapshot: string,
): Promise<Comparison> {
  const { dataset } = workspace;
  const columns = silverColumns(dataset);
  const { id } = dataset.silver;
  const kept = silver.current === undefined ? {} : asOf(silver.current.id);
  // A separator between the columns that should not occur in the texts of a record.
  const row = `MD5(CONCAT_WS(U&'\\001F', ${columns.map(({ name }) => `COALESCE(CAST(\`${name}\` AS STRING), '\\N')`).join(", ")}))`;
  const made = columns
    .map(({ name, type, expr }) => `${asStored(`CAST(${expr} AS ${type})`, type)} AS \`${name}\``)
    .join(", ");
  const { rows } = await query(
    workspace,
    `SELECT
       SUM(CASE WHEN in_bronze > 0 THEN 1 ELSE 0 END),
       SUM(CASE WHEN in_silver = 0 THEN 1 ELSE 0 END),
       SUM(CASE WHEN in_bronze = 0 THEN 1 ELSE 0 END),
       SUM(CASE WHEN least_row = most_row AND silver_row <> least_row THEN 1 ELSE 0 END),
       SUM(CASE WHEN least_row <> most_row THEN 1 ELSE 0 END)
     FROM (
       SELECT pipectl_id, SUM(in_bronze) AS in_bronze, SUM(in_silver) AS in_silver,
         MIN(bronze_row) AS least_row, MAX(bronze_row) AS most_row, MAX(silver_row) AS silver_row
       FROM (
         SELECT \`${id}\` AS pipectl_id, 1 AS in_bronze, 0 AS in_silver, ${row} AS bronze_row,
           CAST(NULL AS STRING) AS silver_row
         FROM (
           SELECT ${made}
           FROM ${rowsOf(bronze, asOf(bronzeSnapshot))} WHERE ${silverCondition(dataset)}
         )
         UNION ALL
         SELECT \`${id}\`, 0, 1, CAST(NULL AS STRING), ${row}
         FROM ${readFrom(dataset.tables.silver, kept)}
       ) GROUP BY pipectl_id
     )`,
    1,
  );
  const [keys = 0, missing = 0, foreign = 0, altered = 0, differing = 0] = (rows[0] ?? []).map(Number);
  return { keys, missing, foreign, altered, differing };
}

/** A value as silver gives it back: with as many digits of a second, so that both have the same text. */
function asStored(sql: string, type: string): string {
  const parsed = parseColumnType(type);
  const stored = parsed === undefined ? type : storedSql(parsed);
  return parsed === undefined || stored === parsed.sql ? sql : `CAST(${sql} AS ${stored})`;
}
