import { usage } from "../../core/errors.js";
import type { Workspace } from "../../workspace/workspace.js";

interface LogOptions {
  readonly service: string | undefined;
  /** Number of last lines of each log to begin with. */
  readonly lines: number;
  readonly follow: boolean;
}

/** Passes the last lines of the services' logs to `onLine`, and with `follow` new ones until Ctrl-C. */
export async function showLogs(
  workspace: Workspace,
  options: LogOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const { runtime, signal } = workspace;
  const prefix = (name: string) => (options.service === undefined ? `${name.padEnd(14)} ` : "");
  if (runtime.managed === undefined) {
    const of = options.service === undefined ? "" : ` of ${options.service}`;
    throw usage(
      "not_ours",
      `${runtime.unmanaged}: the logs${of} are where the operator of the cluster keeps them`,
      { hint: `${runtime.endpoints.flink} shows those of Flink` },
    );
  }
  const logs = await runtime.managed.logs(options, (name, line) => onLine(prefix(name) + line), signal);
  if (logs > 0) return;
  const names = (await runtime.services()).map(({ name }) => name);
  if (options.service !== undefined && !names.some((name) => name.startsWith(options.service as string))) {
    throw usage("service_unknown", `there is no service ${options.service}; there are ${names.join(", ")}`);
  }
  throw usage("no_logs", "there are no logs yet: the stack was never started", { hint: "pipectl up" });
}
