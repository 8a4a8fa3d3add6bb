import { count } from "../../core/format.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { partitionName } from "../account.js";
import { countRows } from "../count-rows.js";
import { query } from "../query.js";
import { loadTables, silverColumns } from "../tables.js";
import type { Workspace } from "../workspace.js";
import { type AccountOutcome, accountStage } from "./account-stage.js";
import type { Stage } from "./result.js";

type Guard = (stage: number, name: string, look: () => Promise<Stage>) => Promise<Stage>;

const recountName = "Recount by partition and offset";
const silverName = "Quality of silver";

/** Stages 4 and 5: every row is read. */
export async function deepStages(
  workspace: Workspace,
  account: AccountOutcome,
  guard: Guard,
): Promise<Stage[]> {
  return [
    await guard(4, recountName, () => recountStage(workspace, account)),
    await guard(5, silverName, () => silverStage(workspace)),
  ];
}

/**
 * Stage 4: within each partition every offset from first to next is in bronze or in the dead letters, once. One lost and
 * one doubled row do not cancel out: rows, distinct offsets and the span are three numbers that must agree.
 */
async function recountStage(workspace: Workspace, first: AccountOutcome): Promise<Stage> {
  let stage = await recount(workspace, first);
  // A stream commits to one table and then to the other: between the two, rows of a checkpoint are missing.
  for (let again = 1; again < 3 && stage.status === "fail" && first.streams; again++) {
    stage = await recount(workspace, await accountStage(workspace));
  }
  return stage;
}

async function recount(workspace: Workspace, account: AccountOutcome): Promise<Stage> {
  const base = { stage: 4, name: recountName };
  const tables = await loadTables(workspace.catalog, workspace.dataset);
  if (tables.bronze === undefined || tables.dlq === undefined) {
    return { ...base, status: "fail", detail: "the tables are not there", hint: "pipectl process" };
  }
  const rows = await countRows(workspace, [], account.read);
  if (account.counts === null) {
    const seen = rows.map(({ epoch, partition, bronze, dlq, offsets, min, max }) => {
      const span = max - min + 1;
      return `epoch ${epoch}, partition ${partition}: offsets ${min} to ${max}, ${count(bronze + dlq - offsets)} more than once, ${count(span - offsets)} missing`;
    });
    return {
      ...base,
      status: "fail",
      detail: `there is no account to compare with; found ${seen.join("; ") || "no row"}`,
    };
  }
  const found = new Map(rows.map((row) => [`${row.epoch}/${row.partition}`, row]));
  const wrong: string[] = [];
  let offsets = 0;
  for (const line of account.partitions) {
    const key = `${line.epoch}/${line.partition}`;
    const none = { bronze: 0, dlq: 0, offsets: 0, min: line.first, max: line.first };
    const row = found.get(key) ?? none;
    found.delete(key);
    const landed = line.bronze + line.dlq;
    const problems = [
      row.bronze !== line.bronze ? `${count(row.bronze)} bronze rows instead of ${count(line.bronze)}` : "",
      row.dlq !== line.dlq ? `${count(row.dlq)} dead letters instead of ${count(line.dlq)}` : "",
      row.bronze + row.dlq !== row.offsets
        ? `${count(row.bronze + row.dlq - row.offsets)} offsets more than once`
        : "",
      row.offsets !== landed ? `${count(landed - row.offsets)} offsets missing` : "",
      // With as many distinct offsets as rows, and no offset outside, each one is there once.
      landed > 0 && (row.min < line.first || row.max >= line.next)
        ? `offsets ${row.min} to ${row.max} instead of ${line.first} to ${line.next - 1}`
        : "",
    ].filter((problem) => problem !== "");
    if (problems.length > 0) wrong.push(`${partitionName(line)}: ${problems.join(", ")}`);
    offsets += row.offsets;
  }
  for (const key of found.keys()) wrong.push(`rows of epoch/partition ${key}, which the topic does not have`);
  return wrong.length > 0
    ? { ...base, status: "fail", detail: wrong.join("; ") }
    : { ...base, status: "pass", detail: `${count(offsets)} offsets, each once, none missing` };
}

/** Stage 5: the id is unique, every row passes the filters, and the id and the partition are never NULL. */
async function silverStage(workspace: Workspace): Promise<Stage> {
  const base = { stage: 5, name: silverName };
  const { dataset } = workspace;
  const table = (await loadTables(workspace.catalog, dataset)).silver;
  if (table === undefined)
    return { ...base, status: "fail", detail: "the table is not there", hint: "pipectl process-silver" };
  const { namespace, table: name } = dataset.tables.silver;
  const { silver } = dataset;
  // Filters are written over source names; here the columns have silver's.
  const source = silverColumns(dataset)
    .filter(({ expr }) => /^`[^`]+`$/.test(expr))
    .map(({ name: silverColumn, expr }) => `\`${silverColumn}\` AS ${expr}`);
  const passes = silver.filters.map((filter) => `(${filter})`).join(" AND ");
  const [id, partition] = [silver.id, silver.partitionBy.name];
  const { rows } = await query(
    workspace,
    `SELECT COUNT(*), COUNT(DISTINCT pipectl_id), COUNT(pipectl_id), COUNT(pipectl_partition),
            SUM(CASE WHEN ${passes} THEN 0 ELSE 1 END)
     FROM (SELECT \`${id}\` AS pipectl_id, \`${partition}\` AS pipectl_partition, ${source.join(", ")} FROM ${namespace}.${name})`,
    1,
  );
  const [total = 0, distinct = 0, ids = 0, partitions = 0, refused = 0] = (rows[0] ?? []).map(Number);
  const problems = [
    total !== totalRecords(table.current)
      ? `${count(total)} rows, but Iceberg counts ${count(totalRecords(table.current))}`
      : "",
    ids !== total ? `${count(total - ids)} without ${id}` : "",
    partitions !== total ? `${count(total - partitions)} without ${partition}` : "",
    distinct !== ids ? `${count(ids - distinct)} keys more than once` : "",
    refused > 0 ? `${count(refused)} that no filter should have let pass` : "",
  ].filter((problem) => problem !== "");
  return problems.length > 0
    ? {
        ...base,
        status: "fail",
        detail: `${count(total)} rows: ${problems.join(", ")}`,
        hint: "pipectl process-silver",
      }
    : { ...base, status: "pass", detail: `${count(total)} rows, keys unique, filters hold` };
}
