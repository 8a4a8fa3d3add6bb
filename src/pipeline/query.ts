import { usage } from "../core/errors.js";
import { gatewaySession, type ResultColumn } from "../flink/gateway.js";
import { SqlError } from "../flink/session.js";
import { renderFiles } from "../sql/files.js";
import { splitStatements } from "../sql/statements.js";
import { sqlContext } from "./sql-context.js";
import type { Workspace } from "./workspace.js";

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly unknown[])[];
  /** True when there are more rows than `limit`. */
  readonly truncated: boolean;
}

/**
 * Runs one query as a batch job, with the Iceberg catalog `lake` in use, so that `bronze.raw_trips` is a table's name.
 *
 * @throws PipectlError (usage) `query_not_select` for anything that is not a query, `query_failed` with Flink's reason
 */
export async function query(workspace: Workspace, sql: string, limit: number): Promise<QueryResult> {
  const { config, dataset, runtime, signal, report } = workspace;
  const statements = splitStatements("query", sql);
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) {
    throw usage("query_not_select", `query takes one statement, but this is ${statements.length}`);
  }
  // Reading only: a statement that writes would change the tables behind the account's back.
  if (
    !/^\(*\s*(SELECT|WITH|VALUES|SHOW|DESCRIBE|DESC|EXPLAIN)\b/i.test(statement.sql) ||
    /\bINSERT\b/i.test(statement.sql.replace(/'(?:[^']|'')*'/g, ""))
  ) {
    throw usage("query_not_select", "query only reads: SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN", {
      hint: 'pipectl query "SELECT COUNT(*) FROM silver.cleaned_trips"',
    });
  }
  const context = sqlContext(config, dataset, runtime.inside, { run: "query" });
  const [catalog] = renderFiles(config.root, ["00_catalog"], context).values();
  report({ type: "step", text: "Running the query on Flink" });
  const session = await gatewaySession(runtime.endpoints.gateway, signal);
  try {
    for (const { sql: setUp } of splitStatements("00_catalog", catalog as string))
      await session.execute(setUp, signal);
    await session.execute("USE CATALOG lake", signal);
    await session.execute("SET 'execution.runtime-mode' = 'batch'", signal);
    await session.execute("SET 'table.local-time-zone' = 'UTC'", signal);
    await session.execute("SET 'pipeline.name' = 'pipectl query'", signal);
    return await session.query(statement.sql, limit, signal);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw usage("query_failed", error.reason, {
      hint: 'pipectl query "SHOW TABLES IN silver"',
      cause: error,
    });
  } finally {
    await session.close();
  }
}
