import { open, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { usage } from "../core/errors.js";
import type { Workspace } from "./workspace.js";

interface LogOptions {
  readonly service: string | undefined;
  /** Lines of each file to begin with. */
  readonly lines: number;
  readonly follow: boolean;
}

/** Hands the last lines of the services' logs to `onLine`, and with `follow` those that come, until Ctrl-C. */
export async function showLogs(
  workspace: Workspace,
  options: LogOptions,
  onLine: (line: string) => void,
): Promise<void> {
  const { runtime, signal } = workspace;
  const files = await runtime.logFiles(options.service);
  if (files.length === 0) {
    const names = (await runtime.services()).map(({ name }) => name);
    if (options.service !== undefined && !names.some((name) => name.startsWith(options.service as string))) {
      throw usage("service_unknown", `there is no service ${options.service}; there are ${names.join(", ")}`);
    }
    throw usage("no_logs", "there are no logs yet: the stack was never started", { hint: "pipectl up" });
  }
  const prefix = (name: string) => (options.service === undefined ? `${name.padEnd(14)} ` : "");
  const positions = new Map<string, number>();
  for (const { name, path } of files) {
    const { text, end } = await readFrom(path, Math.max(0, (await stat(path)).size - options.lines * 400));
    const lines = text.split("\n").filter((line) => line !== "");
    if (options.lines > 0) for (const line of lines.slice(-options.lines)) onLine(prefix(name) + line);
    positions.set(path, end);
  }
  while (options.follow && !signal.aborted) {
    for (const { name, path } of files) {
      const { size } = await stat(path).catch(() => ({ size: 0 }));
      // Smaller than before: the log has been rolled, or the service started anew.
      const from =
        Math.min(positions.get(path) ?? 0, size) === size && size < (positions.get(path) ?? 0)
          ? 0
          : positions.get(path);
      const { text, end } = await readFrom(path, from ?? 0);
      const whole = text.lastIndexOf("\n") + 1;
      for (const line of text.slice(0, whole).split("\n")) if (line !== "") onLine(prefix(name) + line);
      positions.set(path, end - Buffer.byteLength(text.slice(whole)));
    }
    await delay(200, undefined, { signal }).catch(() => {});
  }
}

async function readFrom(path: string, from: number): Promise<{ text: string; end: number }> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return { text: "", end: 0 };
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return { text: buffer.toString("utf8", 0, bytesRead), end: from + bytesRead };
  } finally {
    await file.close();
  }
}
