import type { GatewaySession } from "../flink/gateway.js";
import { type SqlSession, withSecrets } from "../flink/session.js";
import { sqlClientSession } from "../flink/sql-client.js";
import type { Needs } from "../workspace/workspace.js";

/** Opens the one session of a run, the way SUBMIT_VIA says. */
export async function openSession(
  workspace: Needs<"config" | "runtime" | "catalog" | "gatewaySession" | "signal">,
): Promise<SqlSession> {
  const { config, runtime, signal } = workspace;
  if (config.values.SUBMIT_VIA === "gateway") return await openGateway(workspace);
  await requireCatalog(workspace);
  return withSecrets(await sqlClientSession(await runtime.sqlClient(signal)), runtime.inside.secrets);
}

/** Opens a session of the SQL gateway, whatever SUBMIT_VIA says: only the gateway returns rows. */
export async function openGateway(
  workspace: Needs<"runtime" | "catalog" | "gatewaySession" | "signal">,
): Promise<GatewaySession> {
  const { runtime, signal } = workspace;
  await requireCatalog(workspace);
  return withSecrets(await workspace.gatewaySession(signal), runtime.inside.secrets);
}

/**
 * Flink's gateway logs the options of a catalog that it could not create, and masks only some of the secrets among them. So
 * credentials that the catalog refuses are not sent to Flink.
 */
async function requireCatalog({ runtime, catalog }: Needs<"runtime" | "catalog">): Promise<void> {
  if (Object.keys(runtime.inside.secrets).length > 0) await catalog.ping();
}
