import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { failed, messageOf } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import { terminalStates } from "../../flink/rest.js";
import { forgetRuntime, noteRuntime } from "../../runtime/choose.js";
import { type Endpoints, requireManaged, type ServiceStatus } from "../../runtime/runtime.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import { stopStreams } from "../stream/stop.js";
import { checkRemote, requireUsable } from "./remote-check.js";
import { startWarmUp } from "./warm-up.js";

export interface UpResult {
  readonly runtime: string;
  readonly started: readonly string[];
  readonly alreadyRunning: readonly string[];
  readonly endpoints: Endpoints;
  readonly seconds: number;
}

/** Starts the services that are not running, and returns when all of them work: Kafka answers requests, not only connections. */
export async function up(workspace: Workspace): Promise<UpResult> {
  return await exclusively(workspace, "stack", () => start(workspace));
}

async function start(workspace: Workspace): Promise<UpResult> {
  const { runtime, config, report, signal } = workspace;
  const began = performance.now();
  const { started, alreadyRunning } =
    runtime.managed === undefined ? await found(workspace) : await runtime.managed.up(report, signal);
  await noteRuntime(config.stateDir, runtime.kind);
  if (runtime.managed !== undefined) await untilKafkaAnswers(workspace);
  if (started.length > 0 && config.values.WARM_UP) startWarmUp(workspace);
  return {
    runtime: runtime.kind,
    started,
    alreadyRunning,
    endpoints: runtime.endpoints,
    seconds: Math.round(performance.now() - began) / 1000,
  };
}

async function untilKafkaAnswers({ runtime, kafka, config, report, signal }: Workspace): Promise<void> {
  await poll(
    async (why) =>
      await kafka.cluster().catch((error: Error) => {
        why(error.message);
        return undefined;
      }),
    {
      what: `Kafka on ${runtime.endpoints.kafka}`,
      timeoutMs: config.values.UP_TIMEOUT,
      signal,
      report,
      hint: "pipectl logs kafka",
    },
  );
}

/** Servers that pipectl does not manage are not started, only checked, with a finding for each. */
async function found(workspace: Workspace): Promise<Pick<UpResult, "started" | "alreadyRunning">> {
  const { runtime, report } = workspace;
  report({ type: "step", text: "Checking the servers" });
  const findings = await checkRemote(workspace, true);
  for (const { check, status, detail, hint } of findings) {
    if (status === "ok") report({ type: "note", text: `${check}: ${detail}` });
    if (status === "warning")
      report({ type: "warning", text: `${check}: ${detail}${hint === undefined ? "" : ` (${hint})`}` });
  }
  requireUsable(findings);
  return { started: [], alreadyRunning: (await runtime.services()).map(({ name }) => name) };
}

export interface DownResult {
  readonly runtime: string;
  readonly stopped: readonly string[];
  readonly deleted: readonly string[];
}

export async function down(workspace: Workspace, volumes: boolean): Promise<DownResult> {
  return await alone(workspace, () => stop(workspace, volumes));
}

/** Down and up under one lock, so that no other command runs in between. */
export async function restart(workspace: Workspace): Promise<UpResult> {
  return await exclusively(workspace, "stack", async () => {
    await stop(workspace, false);
    return await start(workspace);
  });
}

/** Without the stack's folder nobody can be starting a stack, and no lock file is created. */
async function alone<T>(workspace: Workspace, action: () => Promise<T>): Promise<T> {
  return existsSync(workspace.runtime.home) ? await exclusively(workspace, "stack", action) : await action();
}

async function stop(workspace: Workspace, volumes: boolean): Promise<DownResult> {
  const { runtime, config, report, signal } = workspace;
  const managed = requireManaged(runtime, "does not stop them");
  if (!volumes) await stopStreamsFirst(workspace);
  const result = await managed.down({ volumes }, report, signal);
  if (volumes) await forgetRuntime(config.stateDir, runtime.kind);
  return { runtime: runtime.kind, ...result };
}

/** A stream that is stopped in order resumes from its savepoint; otherwise it resumes from its last checkpoint. */
async function stopStreamsFirst(workspace: Workspace): Promise<void> {
  const { runtime, report, signal } = workspace;
  const services = await runtime.services();
  if (!services.some(({ service, state }) => service === "jobmanager" && state === "running")) return;
  try {
    await stopStreams(workspace, false);
  } catch (error) {
    signal.throwIfAborted();
    report({ type: "warning", text: `the stream ends without a savepoint: ${messageOf(error)}` });
  }
}

export interface StatusResult {
  readonly runtime: string;
  readonly services: readonly ServiceStatus[];
  /** Jobs that have not ended. */
  readonly jobs: readonly {
    readonly id: string;
    readonly name: string;
    readonly state: string;
    readonly restarts: number | null;
  }[];
}

export async function status(workspace: Workspace): Promise<StatusResult> {
  const { runtime, flink } = workspace;
  const services = await runtime.services();
  const answers = services.some(({ service, state }) => service === "jobmanager" && state === "running");
  const running = answers ? (await flink.jobs()).filter((job) => !terminalStates.has(job.state)) : [];
  const jobs = await Promise.all(
    running.map(async ({ id, name, state }) => ({
      id,
      name,
      state,
      restarts: (await flink.restarts(id)) ?? null,
    })),
  );
  return { runtime: runtime.kind, services, jobs };
}

/** Deletes files that are made again on demand; returns the deleted folders. */
export async function clean(workspace: Workspace): Promise<string[]> {
  return await alone(workspace, () => removeMade(workspace));
}

async function removeMade(workspace: Workspace): Promise<string[]> {
  const { root, stateDir } = workspace.config;
  // Servers that pipectl does not manage do not use these files.
  const running =
    workspace.runtime.managed === undefined
      ? []
      : (await workspace.runtime.services()).filter(({ state }) => state !== "stopped");
  if (running.length > 0) {
    throw failed(
      "stack_running",
      `${running.map(({ name }) => name).join(", ")} still need what clean removes`,
      {
        hint: "pipectl down",
      },
    );
  }
  const removed: string[] = [];
  for (const folder of [join(root, "build"), join(stateDir, "lib")]) {
    if (!existsSync(folder)) continue;
    // Retried when the folder is not empty: build-sql may be writing to it.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    removed.push(folder);
  }
  return removed;
}
