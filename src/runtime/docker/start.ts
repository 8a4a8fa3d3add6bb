import { failed, type PipectlError, unavailable } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import type { Report } from "../../core/report.js";
import { lastWords } from "../last-words.js";
import { readiness } from "../readiness.js";
import type { Endpoints, ServiceName } from "../runtime.js";
import type { Compose } from "./compose.js";
import { type Container, registeredAs, runningOf } from "./containers.js";
import type { Docker } from "./docker.js";

/** A service that must answer before the stack is up. */
export interface ContainerService {
  /** `kafka`, `taskmanager-1`, … */
  readonly name: string;
  readonly service: ServiceName;
  readonly endpoint?: string;
}

export interface Start {
  readonly docker: Docker;
  readonly compose: Compose;
  /** The credentials, for Compose. */
  readonly env: Readonly<Record<string, string>>;
  readonly list: () => Promise<Container[]>;
  readonly services: readonly ContainerService[];
  readonly endpoints: Endpoints;
  /** The containers as they were before. */
  readonly before: readonly Container[];
  /** Ids of TaskManagers that the JobManager lists and that have no container: jobs would be given their slots. */
  readonly dead: readonly string[];
  readonly timeoutMs: number;
}

/**
 * Lets Compose start what is not as the file says, and waits until every service answers; a container that dies
 * meanwhile ends the wait at once.
 *
 * @throws PipectlError (failed) `service_died` with its last words; (unavailable) `timeout`, or what Docker says
 */
export async function start(how: Start, report: Report, signal: AbortSignal): Promise<void> {
  const { compose, services, timeoutMs, env } = how;
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const waiting = new Set(services.map(({ name }) => name));
  const started = performance.now();
  const ready = compose(["up", "-d", "--no-build", "--remove-orphans"], { timeoutMs, signal: both, env })
    .catch(async (error: PipectlError) => {
      both.throwIfAborted();
      const late = unavailable(
        "timeout",
        `gave up waiting for ${[...waiting].join(", ")} after ${timeoutMs / 1000} s`,
        { hint: "pipectl logs SERVICE; UP_TIMEOUT in .env gives it more time", cause: error },
      );
      throw (await death(how)) ?? (error.code === "docker_timeout" ? late : error);
    })
    .then(() => Promise.all(services.map((service) => answering(how, service, waiting, report, both))));
  const watching = poll(
    async () => {
      const elapsedMs = performance.now() - started;
      report({ type: "wait", text: [...waiting].join(", "), elapsedMs, timeoutMs });
      const error = await death(how);
      if (error !== undefined) throw error;
      return undefined;
    },
    { what: "the containers", timeoutMs: timeoutMs + 5_000, signal: both, intervalMs: 1_000 },
  );
  try {
    await Promise.race([ready, watching]);
  } finally {
    stop.abort();
    await Promise.allSettled([ready, watching]);
  }
}

async function answering(
  { list, endpoints, dead, timeoutMs }: Start,
  service: ContainerService,
  waiting: Set<string>,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const mark =
    service.service === "taskmanager" ? registeredAs(runningOf(await list()).get(service.name)) : "";
  await poll((why) => readiness({ ...service, registeredAs: mark, dead }, endpoints, why), {
    what: service.name,
    timeoutMs,
    signal,
    report: (event) => report(event.type === "wait" ? { ...event, text: [...waiting].join(", ") } : event),
    hint: `pipectl logs ${service.name}`,
  });
  waiting.delete(service.name);
}

/** The error for a container that has died since `before`, if one has. */
async function death({ docker, list, before }: Start): Promise<PipectlError | undefined> {
  const known = new Map(before.map((one) => [one.id, one]));
  const dead = (await list()).find(({ id, status, exitCode, restarts, finishedAt }) => {
    const old = known.get(id);
    // One that ran before is being replaced: its settings have changed.
    if (old?.status === "running" || finishedAt === old?.finishedAt) return false;
    return restarts > (old?.restarts ?? 0) || (["exited", "dead"].includes(status) && exitCode !== 0);
  });
  if (dead === undefined) return undefined;
  const how = dead.outOfMemory ? "killed for the memory that it took" : `exit code ${dead.exitCode}`;
  const log = await docker(["logs", "--tail", "100", dead.id]).catch(() => "");
  return failed("service_died", `${dead.name} ended while starting (${how}):\n${lastWords(log)}`, {
    hint: dead.outOfMemory ? "give it more memory in docker-compose.yml" : "pipectl doctor",
  });
}
