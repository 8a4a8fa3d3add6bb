import { unavailable } from "../core/errors.js";
import { wasNotCarriedOut } from "../flink/causes.js";
import type { GatewaySession } from "../flink/gateway.js";
import { SqlError } from "../flink/session.js";
import { renderFiles } from "../sql/files.js";
import { splitStatements } from "../sql/statements.js";
import type { Needs } from "../workspace/workspace.js";
import { openGateway } from "./sessions.js";
import { sqlContext } from "./sql-context.js";

/** What a query needs: a session of the gateway, and Flink's REST API to find out why a query failed. */
export type BatchQueries = Needs<
  "config" | "dataset" | "runtime" | "flink" | "catalog" | "gatewaySession" | "signal"
>;

/**
 * Opens a session of the SQL gateway, hands it to `action`, and closes it. The session knows the catalog `lake` and runs its
 * queries as batch jobs named `jobName`. Its time zone is the one that silver is made in, so that dates are the same.
 *
 * @throws PipectlError (unavailable) `query_unanswered` when a query failed for a reason that is not in the rows
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
    if (!(error instanceof SqlError)) throw error;
    // When Flink cannot be reached, the statement is not at fault. Then this call throws the better error.
    await workspace.flink.overview();
    if (!wasNotCarriedOut(error.reason)) throw error;
    throw unavailable("query_unanswered", `Flink could not carry out a query: ${error.reason}`, {
      hint: "pipectl jobs and pipectl status show what keeps Flink busy; then try again",
      cause: error,
      mayPass: true,
    });
  } finally {
    await session.close();
  }
}
