import { type GatewaySession, gatewaySession } from "../flink/gateway.js";
import { type SqlSession, withSecrets } from "../flink/session.js";
import { sqlClientSession } from "../flink/sql-client.js";
import type { Workspace } from "./workspace.js";

/** Opens the one session of a run, the way SUBMIT_VIA says. */
export async function openSession(workspace: Workspace): Promise<SqlSession> {
  const { config, runtime, signal } = workspace;
  if (config.values.SUBMIT_VIA === "gateway") return await openGateway(workspace);
  return withSecrets(await sqlClientSession(await runtime.sqlClient(signal)), runtime.inside.secrets);
}

/** Opens a session of the SQL gateway, whatever SUBMIT_VIA says: only it hands out rows. */
export async function openGateway({ runtime, signal }: Workspace): Promise<GatewaySession> {
  const { url, access } = await runtime.gateway(signal);
  return withSecrets(await gatewaySession(url, signal, access), runtime.inside.secrets);
}
