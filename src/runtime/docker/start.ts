import { failed, type PipectlError, unavailable } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import type { Report } from "../../core/report.js";
import { ticking } from "../../core/ticking.js";
import type { Endpoints, ServiceName } from "../runtime.js";
import { lastWords, unlessDead, untilReady } from "../startup.js";
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
  /** The containers before the start. */
  readonly before: readonly Container[];
  /** Ids of TaskManagers that the JobManager lists but that have no container. Jobs would be given their slots. */
  readonly dead: readonly string[];
  readonly timeoutMs: number;
}

/**
 * Has Compose start what differs from the file, and waits until every service answers. A container that ends meanwhile ends
 * the wait at once. If the services do not come up, the started containers are removed again.
 *
 * @throws PipectlError (failed) `service_died` with its last log lines; (unavailable) `timeout`, or Docker's error
 */
export async function start(how: Start, report: Report, signal: AbortSignal): Promise<void> {
  const { docker, compose, services, endpoints, before, dead, list, timeoutMs, env } = how;
  const names = services.map(({ name }) => name).join(", ");
  const started = async (both: AbortSignal) => {
    await ticking(names, timeoutMs, report, () =>
      compose(["up", "-d", "--no-build", "--remove-orphans"], { timeoutMs, signal: both, env }),
    ).catch(async (error: PipectlError) => {
      both.throwIfAborted();
      const late = unavailable("timeout", `gave up waiting for ${names} after ${timeoutMs / 1000} s`, {
        hint: "pipectl logs SERVICE; UP_TIMEOUT in .env gives it more time",
        cause: error,
      });
      throw (await death(how)) ?? (error.code === "docker_timeout" ? late : error);
    });
    const there = runningOf(await list());
    const probes = services.map(({ name, service }) => ({
      ...{ name, service, dead },
      registeredAs: service === "taskmanager" ? registeredAs(there.get(name)) : "",
    }));
    await untilReady(probes, endpoints, timeoutMs, (name) => `pipectl logs ${name}`, report, both);
  };
  const watched = async (both: AbortSignal) =>
    await poll<never>(
      async () => {
        const error = await death(how);
        if (error !== undefined) throw error;
        return undefined;
      },
      { what: "the containers", timeoutMs: timeoutMs + 5_000, signal: both, intervalMs: 1_000 },
    );
  try {
    await unlessDead(started, watched, signal);
  } catch (error) {
    // The next command would take a half-started stack for a broken one.
    const known = new Set([...runningOf(before).values()].map(({ id }) => id));
    const mine = (await list().catch(() => [])).filter(({ id }) => !known.has(id));
    if (mine.length > 0) await docker(["rm", "-f", ...mine.map(({ id }) => id)]).catch(() => {});
    throw error;
  }
}

/** The error for a container that has ended since `before`, if there is one. */
async function death({ docker, list, before }: Start): Promise<PipectlError | undefined> {
  const known = new Map(before.map((one) => [one.id, one]));
  const dead = (await list()).find(({ id, status, exitCode, restarts, finishedAt }) => {
    const old = known.get(id);
    // A container that ran before is being replaced because its settings have changed.
    if (old?.status === "running" || finishedAt === old?.finishedAt) return false;
    return restarts > (old?.restarts ?? 0) || (["exited", "dead"].includes(status) && exitCode !== 0);
  });
  if (dead === undefined) return undefined;
  const how = dead.outOfMemory ? "killed because of its memory use" : `exit code ${dead.exitCode}`;
  const log = await docker(["logs", "--tail", "100", dead.id]).catch(() => "");
  return failed("service_died", `${dead.name} ended while starting (${how}):\n${lastWords(log)}`, {
    hint: dead.outOfMemory ? "give it more memory in docker-compose.yml" : "pipectl doctor",
  });
}
