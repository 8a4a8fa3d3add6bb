import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/load.js";
import { PipectlError } from "../core/errors.js";
import type { Report } from "../core/report.js";
import { docker, requireEngine } from "./docker/docker.js";
import { dockerRuntime } from "./docker/docker-runtime.js";
import { localRuntime } from "./local/local-runtime.js";
import { remoteRuntime } from "./remote/remote-runtime.js";
import type { Runtime } from "./runtime.js";

const pathOf = (stateDir: string) => join(stateDir, "runtime");
const notedIn = async (stateDir: string) => (await readFile(pathOf(stateDir), "utf8").catch(() => "")).trim();

/**
 * The runtime that RUNTIME names. `auto` is the one that was started last, so that its tables stay in sight; where
 * none was, Docker when an engine and Compose answer (and, to start it, the images can be had), else local JVMs.
 *
 * @param starting true when the stack is about to be started
 */
export async function chooseRuntime(
  config: Config,
  starting: boolean,
  report: Report,
  signal: AbortSignal,
): Promise<Runtime> {
  const kind = config.values.RUNTIME === "auto" ? await lastStarted(config.stateDir) : config.values.RUNTIME;
  if (kind === "local") return localRuntime(config);
  if (kind === "remote") return remoteRuntime(config, report);
  const containers = dockerRuntime(config);
  if (kind === "docker") return containers;
  try {
    if (starting) await containers.prepare(report, signal);
    else await requireEngine(docker(config.environment), signal);
    if (starting) report({ type: "note", text: "RUNTIME=auto: using Docker" });
    return containers;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PipectlError)) throw error;
    if (starting) {
      const why = error.message
        .split("\n")
        .slice(0, 2)
        .map((line) => line.trim())
        .join(" ");
      report({ type: "note", text: `RUNTIME=auto: using local JVMs, because ${why}` });
    }
    return localRuntime(config);
  }
}

/** A local stack from before the runtime was noted down counts as the last one. */
async function lastStarted(stateDir: string): Promise<Runtime["kind"] | undefined> {
  const noted = await notedIn(stateDir);
  if (noted === "docker" || noted === "local") return noted;
  return existsSync(join(stateDir, "data")) ? "local" : undefined;
}

/** Notes down which runtime this stack is on now. Servers of somebody else are never gone to unasked. */
export async function noteRuntime(stateDir: string, kind: Runtime["kind"]): Promise<void> {
  if (kind === "remote") return;
  await mkdir(stateDir, { recursive: true });
  await writeFile(pathOf(stateDir), `${kind}\n`);
}

/** The data of this runtime are gone; what was started last on another one stays noted down. */
export async function forgetRuntime(stateDir: string, kind: Runtime["kind"]): Promise<void> {
  if ((await notedIn(stateDir)) === kind) await rm(pathOf(stateDir), { force: true });
}
