import { messageOf, PipectlError } from "../core/errors.js";
import { settingsBehind } from "../flink/causes.js";
import type { Workspace } from "../workspace/workspace.js";

const unreached =
  /ConnectException|UnknownHostException|NoRouteToHostException|ConnectTimeoutException|Timed out/i;
const addresses =
  "S3_ENDPOINT, FLINK_CATALOG_URL and FLINK_KAFKA_BOOTSTRAP_SERVERS: Flink's processes have to reach all of them";

/**
 * The error with the settings to check, where pipectl does not manage the servers and what Flink says is known to be about one. Of
 * our own servers no setting is wrong.
 */
export function withSettings({ runtime }: Workspace, error: unknown): unknown {
  if (runtime.unmanaged === undefined || !(error instanceof PipectlError)) return error;
  const said = messageOf(error);
  const settings = settingsBehind(said) ?? (unreached.test(said) ? addresses : undefined);
  if (settings === undefined) return error;
  return new PipectlError(error.kind, error.code, error.message, { hint: `check ${settings}`, cause: error });
}
