import { messageOf, PipectlError } from "../core/errors.js";
import { settingsBehind } from "../flink/causes.js";
import type { Needs } from "../workspace/workspace.js";

const unreached =
  /ConnectException|UnknownHostException|NoRouteToHostException|ConnectTimeoutException|Timed out/i;
const addresses =
  "S3_ENDPOINT, FLINK_CATALOG_URL and FLINK_KAFKA_BOOTSTRAP_SERVERS: Flink's processes have to reach all of them";

/**
 * Adds to an error which settings to check, where somebody else operates the servers and Flink's message is known to be about a
 * setting. For servers that pipectl starts, pipectl makes the settings itself.
 */
export function withSettings({ runtime }: Needs<"runtime">, error: unknown): unknown {
  if (runtime.unmanaged === undefined || !(error instanceof PipectlError)) return error;
  const said = messageOf(error);
  const settings = settingsBehind(said) ?? (unreached.test(said) ? addresses : undefined);
  if (settings === undefined) return error;
  return new PipectlError(error.kind, error.code, error.message, { hint: `check ${settings}`, cause: error });
}
