import { failed } from "../../core/errors.js";
import { quoted } from "../../core/sql-quotes.js";
import { batchQuery } from "../../execution/batch-query.js";
import { idOf, pinnedTables, type Reads, type Scan, scansOf } from "../../execution/pinned-tables.js";
import type { GatewaySession } from "../../flink/gateway.js";
import { SqlError } from "../../flink/session.js";
import type { IcebergField } from "../../iceberg/types.js";
import type { Workspace } from "../../workspace/workspace.js";
import { columnsOf } from "./columns.js";
import type { Mart } from "./mart.js";

export interface MartPlan {
  readonly columns: readonly IcebergField[];
  readonly reads: Reads;
}

/**
 * What a mart's query reads and returns, by Flink's plan; no row is read. The query is planned twice: once to see which tables
 * it reads, and again over views that pin each of these tables to one snapshot. The second plan shows whether it reads all of
 * them pinned.
 *
 * @throws PipectlError (failed) `mart_sql` with file and line, `mart_columns`, `mart_unpinned`
 */
export async function planMart(workspace: Workspace, mart: Mart): Promise<MartPlan> {
  const { signal } = workspace;
  return await batchQuery(workspace, "pipectl marts", async (session) => {
    await session.execute("USE CATALOG lake", signal);
    const reads = await snapshotsOf(workspace, await explain(session, mart, signal), mart);
    for (const sql of pinnedTables("pipectl_mart", reads)) await session.execute(sql, signal);
    await session.execute("USE CATALOG pipectl_mart", signal);
    requirePinned(await explain(session, mart, signal), reads, mart);
    await session.execute(`CREATE VIEW pipectl_mart AS\n${mart.sql}\n`, signal);
    const { rows } = await session.query("DESCRIBE pipectl_mart", 10_000, signal);
    return { columns: columnsOf(rows.map(([name, type]) => [String(name), String(type)])), reads };
  });
}

/** The tables that the query reads, from Flink's plan. */
async function explain(session: GatewaySession, mart: Mart, signal: AbortSignal): Promise<Scan[]> {
  // Padded to its line in the file, so that the line numbers in Flink's errors are those of the file.
  const space = mart.line === 1 ? " " : "\n".repeat(mart.line - 1);
  try {
    const { rows } = await session.query(`EXPLAIN${space}${mart.sql}\n`, 10, signal);
    return scansOf(rows.map(([text]) => String(text)).join("\n"));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const line = error.position?.line ?? mart.line;
    throw failed("mart_sql", `${mart.file}:${line}: ${error.reason}`, { cause: error });
  }
}

/** The current snapshot of each table. */
async function snapshotsOf({ catalog }: Workspace, scans: readonly Scan[], mart: Mart): Promise<Reads> {
  const names = [...new Set(scans.map(({ table }) => table))].sort();
  const tables = await Promise.all(names.map((name) => catalog.table(idOf(name))));
  return Object.fromEntries(
    names.map((name, i) => {
      const table = tables[i];
      if (table === undefined)
        throw failed("mart_sql", `${mart.file}:${mart.line}: ${quoted(name)} is no table of the lake`);
      if (name === mart.table.qualified)
        throw failed("mart_sql", `${mart.file}:${mart.line}: reads ${name}, the table that it makes`);
      return [name, table.current?.id ?? null];
    }),
  );
}

function requirePinned(scans: readonly Scan[], reads: Reads, mart: Mart): void {
  const loose = scans.find(({ table, snapshot }) => reads[table] !== snapshot && reads[table] !== null);
  if (loose === undefined) return;
  throw failed(
    "mart_unpinned",
    `${mart.file}:${mart.line}: reads ${loose.table} at another snapshot than the recorded one: write its name as namespace.table, without a catalog`,
  );
}
