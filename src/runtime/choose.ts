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
 * The runtime that RUNTIME names. `auto` means the runtime that was started last, so that its tables stay visible. If there is
 * none, it means Docker when an engine and Compose answer (and, to start it, the images are available), else local JVMs.
 *
 * @param starting true when the command starts the stack
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

/** A local stack without a record of its runtime, from older versions, counts as the last one. */
async function lastStarted(stateDir: string): Promise<Runtime["kind"] | undefined> {
  const noted = await notedIn(stateDir);
  if (noted === "docker" || noted === "local") return noted;
  return existsSync(join(stateDir, "data")) ? "local" : undefined;
}

/**
 * Records the runtime of this stack. Servers that somebody else operates are only used on explicit request, so they are not
 * recorded.
 */
export async function noteRuntime(stateDir: string, kind: Runtime["kind"]): Promise<void> {
  if (kind === "remote") return;
  await mkdir(stateDir, { recursive: true });
  await writeFile(pathOf(stateDir), `${kind}\n`);
}

/** Removes the record when the data of this runtime are deleted. The record of another runtime stays. */
export async function forgetRuntime(stateDir: string, kind: Runtime["kind"]): Promise<void> {
  if ((await notedIn(stateDir)) === kind) await rm(pathOf(stateDir), { force: true });
}
