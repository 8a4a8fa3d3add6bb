import type { GatewaySession } from "../flink/gateway.js";
import { SqlError } from "../flink/session.js";
import { renderFiles } from "../sql/files.js";
import { splitStatements } from "../sql/statements.js";
import type { Needs } from "../workspace/workspace.js";
import { openGateway } from "./sessions.js";
import { sqlContext } from "./sql-context.js";

/** What a query takes: a session of the gateway, and Flink to ask when that fails. */
export type BatchQueries = Needs<
  "config" | "dataset" | "runtime" | "flink" | "catalog" | "gatewaySession" | "signal"
>;

/**
 * Opens a session of the SQL gateway that knows the catalog `lake` and runs its queries as batch jobs of this name, hands it to
 * `action`, and closes it. The time zone is the one that silver is made in: a date is the same in both.
 */
export async function batchQuery<T>(
  workspace: BatchQueries,
  jobName: string,
  action: (session: GatewaySession) => Promise<T>,
): Promise<T> {
  const { config, dataset, runtime, signal } = workspace;
  const context = sqlContext(config, dataset, runtime.inside, { run: "query" });
  const [catalog] = renderFiles(config.root, ["00_catalog"], context).values();
  const session = await openGateway(workspace);
  try {
    for (const { sql } of splitStatements("00_catalog", catalog as string))
      await session.execute(sql, signal);
    await session.execute("SET 'execution.runtime-mode' = 'batch'", signal);
    await session.execute("SET 'table.local-time-zone' = 'UTC'", signal);
    await session.execute(`SET 'pipeline.name' = '${jobName}'`, signal);
    return await action(session);
  } catch (error) {
    // Not the statement's fault where Flink is gone: what that says is the better error.
    if (error instanceof SqlError) await workspace.flink.overview();
    throw error;
  } finally {
    await session.close();
  }
}
