import { count } from "../../core/format.js";
import type { Verdict } from "../../core/verdict.js";
import { failing } from "../../dataset/quality-conditions.js";
import { isQuarantine, ownFilters } from "../../dataset/quarantine.js";
import { bronzeOwnColumns } from "../../dataset/references.js";
import { query } from "../../execution/query.js";
import { asOf, readFrom } from "../../lake/read-options.js";
import { silverColumns } from "../../lake/silver-columns.js";
import { summedRows } from "../../lake/summed-rows.js";
import { loadTables } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";
import { checkRules } from "../quality/check-rules.js";
import { rulesVerdict } from "../quality/rules-verdict.js";
import { lenientLook } from "./lenient-times.js";
import { compareSilver } from "./silver-keys.js";
import type { StageCheck, StageContext } from "./stage-check.js";

/**
 * The id is unique, every row passes the filters, the id and the partition are never NULL; each key of bronze is in silver,
 * with bronze's row, and there are no other keys. The dataset's own rules are part of it.
 */
export const silverCheck: StageCheck = {
  name: "Quality of silver",
  deep: true,
  looks: [
    madeOfBronze,
    // Judged even when silver differs from bronze: readers see its rows.
    async ({ workspace }) => {
      const quality = await checkRules(workspace);
      return { ...rulesVerdict(quality), quality };
    },
    lenientLook,
  ],
};

async function madeOfBronze({ workspace, settled }: StageContext): Promise<Verdict> {
  const held = settled?.silver !== undefined && "has" in settled.silver ? settled.silver.has : undefined;
  const { status, detail, hint } = await compareSilver(workspace, held);
  const quality = await qualityOf(workspace);
  if (quality.status === "fail") return quality;
  return {
    status,
    detail: `${quality.detail}; ${detail}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

async function qualityOf(workspace: Workspace): Promise<Verdict> {
  const { dataset } = workspace;
  const table = (await loadTables(workspace.catalog, dataset)).silver;
  if (table === undefined)
    return { status: "fail", detail: "the table does not exist", hint: "pipectl process-silver" };
  const { silver } = dataset;
  // Pinned to a snapshot, because a stream may append meanwhile.
  const read = table.current === undefined ? {} : asOf(table.current.id);
  // Filters use source names, but these rows have silver's columns, so plain columns get their source names as well.
  // Quarantine rules cannot use those aliases, because a derived column may have the same name; they are computed from
  // silver's own columns.
  const source = silverColumns(dataset)
    .filter(({ expr }) => /^`(?:[^`]|``)+`$/.test(expr))
    .map(({ name: silverColumn, expr }) => `\`${silverColumn}\` AS ${expr}, `);
  // A filter over a column that silver does not have can only be checked in bronze, by the comparison of keys.
  const lacking = [
    ...dataset.columns.filter((column) => column.silver === null).map(({ name }) => name),
    ...bronzeOwnColumns,
  ];
  const own = ownFilters(dataset)
    .filter((filter) => !lacking.some((name) => filter.includes(name.replaceAll("`", "``"))))
    .map((filter) => `(${filter})`);
  const rules = dataset.quality.filter(isQuarantine);
  const kept = ["TRUE", ...rules.map((rule) => `NOT (${failing(rule, silverColumns(dataset))})`)].join(
    " AND ",
  );
  const [id, partition] = [silver.id, silver.partitionBy.name];
  const { rows } = await query(
    workspace,
    `SELECT COUNT(*), COUNT(DISTINCT pipectl_id), COUNT(pipectl_id), COUNT(pipectl_partition),
            SUM(CASE WHEN ${["pipectl_kept", ...own].join(" AND ")} THEN 0 ELSE 1 END)
     FROM (SELECT ${source.join("")}\`${id}\` AS pipectl_id, \`${partition}\` AS pipectl_partition, ${kept} AS pipectl_kept FROM ${readFrom(dataset.tables.silver, read)})`,
    1,
  );
  // A summary does not count rows that are marked in delete files.
  const summed = summedRows(table.current) ?? Number(rows[0]?.[0] ?? 0);
  const [total = 0, distinct = 0, ids = 0, partitions = 0, refused = 0] = (rows[0] ?? []).map(Number);
  const problems = [
    total !== summed ? `${count(total)} rows, but Iceberg counts ${count(summed)}` : "",
    ids !== total ? `${count(total - ids)} without ${id}` : "",
    partitions !== total ? `${count(total - partitions)} without ${partition}` : "",
    distinct !== ids ? `${count(ids - distinct)} keys more than once` : "",
    refused > 0 ? `${count(refused)} that no filter should have let pass` : "",
  ].filter((problem) => problem !== "");
  return problems.length > 0
    ? {
        status: "fail",
        detail: `${count(total)} rows: ${problems.join(", ")}`,
        hint: "pipectl process-silver",
      }
    : { status: "pass", detail: `${count(total)} rows, keys unique, filters hold` };
}
