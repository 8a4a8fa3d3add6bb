import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/load.js";
import { unavailable } from "../../core/errors.js";
import { startDialogue } from "../../core/exec.js";
import type { Report } from "../../core/report.js";
import { sum } from "../../core/sum.js";
import { checkpointsAmong } from "../checkpoints.js";
import { loopback, portsOf, requireFreePorts } from "../ports.js";
import { listedTaskManagers, readiness } from "../readiness.js";
import type { Endpoints, Managed, Runtime, ServiceName, ServiceStatus } from "../runtime.js";
import { compose } from "./compose.js";
import { type Container, containersOf, registeredAs, runningOf } from "./containers.js";
import { diagnoseDocker } from "./diagnose.js";
import { docker, dockerEnvironment, linesOf, requireEngine } from "./docker.js";
import { putKeys } from "./env-file.js";
import { flinkImageTag, requireImages } from "./images.js";
import { type ContainerService, start } from "./start.js";

export interface DockerRuntime extends Runtime {
  /** Checks the engine, Compose and the images, and fetches missing images. @throws PipectlError */
  prepare(report: Report, signal: AbortSignal): Promise<void>;
}

/** The stack as containers of docker-compose.yml. Compose starts and removes them; everything else uses the engine directly. */
export function dockerRuntime(config: Config): DockerRuntime {
  const { values, stateDir, root, environment } = config;
  const call = docker(environment);
  const env = dockerEnvironment(environment);
  const hash = createHash("sha256").update(stateDir).digest("hex").slice(0, 8);
  const project = values.COMPOSE_PROJECT_NAME || `pipectl-${hash}`;
  const ports = portsOf(values);
  const home = join(stateDir, "docker");
  const endpoints = {
    ...loopback(ports),
    s3: `http://127.0.0.1:${ports.S3_PORT}`,
    warehouse: "s3://lake/warehouse",
  } satisfies Endpoints;
  const named = [
    { name: "kafka", service: "kafka", endpoint: endpoints.kafka, key: "KAFKA_PORT" },
    { name: "s3", service: "s3", endpoint: endpoints.s3, key: "S3_PORT" },
    { name: "catalog", service: "catalog", endpoint: endpoints.catalog, key: "CATALOG_PORT" },
    { name: "jobmanager", service: "jobmanager", endpoint: endpoints.flink, key: "FLINK_PORT" },
    { name: "gateway", service: "gateway", endpoint: endpoints.gateway, key: "GATEWAY_PORT" },
  ] as const;
  const taskManagers = Array.from({ length: values.TASKMANAGERS }, (_, i) => ({
    name: `taskmanager-${i + 1}`,
    service: "taskmanager" as const,
  }));
  const services: readonly ContainerService[] = [...named.slice(0, -1), ...taskManagers, ...named.slice(-1)];
  const portRequests = named.map(({ name, key }) => ({ name, key, port: ports[key] }));
  const list = async (signal?: AbortSignal) => await containersOf(call, project, signal);

  let prepared: Promise<string> | undefined;
  /** Returns the tag of the Flink image. */
  const prepare = async (report: Report, signal: AbortSignal) => {
    prepared ??= (async () => {
      const [tag] = await Promise.all([flinkImageTag(root), requireEngine(call, signal)]);
      const request = { root, environment, docker: call, compose: compose(call, config, project, tag), tag };
      await requireImages(request, report, signal);
      return tag;
    })();
    return await prepared;
  };

  const up: Managed["up"] = async (report, signal) => {
    const tag = await prepare(report, signal);
    const before = await list(signal);
    const elsewhere = before.find(({ folder }) => folder !== root);
    if (elsewhere !== undefined) {
      throw unavailable(
        "project_taken",
        `the containers of Compose project ${project} belong to ${elsewhere.folder}`,
        { hint: `set another COMPOSE_PROJECT_NAME in ${config.envFile}, then: pipectl up` },
      );
    }
    const there = runningOf(before);
    await requireFreePorts(portRequests.filter(({ name }) => !there.has(name)));
    const keys = await credentials();
    const missing = services.filter(({ name }) => !there.has(name)).map(({ name }) => name);
    report({
      type: "step",
      text:
        missing.length === 0
          ? "Every container runs; looking for changed settings"
          : `Starting ${missing.join(", ")} in containers`,
    });
    if (!there.has("jobmanager")) {
      // A TaskManager takes up to two minutes to notice that its JobManager was replaced. After a restart it takes five.
      const stranded = [...there.values()].filter(({ service }) => service === "taskmanager");
      if (stranded.length > 0) await call(["rm", "-f", ...stranded.map(({ id }) => id)], { signal });
    }
    const alive = [...there.values()].map(registeredAs);
    const dead = (there.has("jobmanager") ? await listedTaskManagers(endpoints) : [])
      .filter(({ path }) => !alive.some((mark) => path.includes(mark)))
      .map(({ id }) => id);
    const stack = { docker: call, compose: compose(call, config, project, tag), list, services, endpoints };
    await start({ ...stack, env: keys, before, dead, timeoutMs: values.UP_TIMEOUT }, report, signal);
    const now = runningOf(await list(signal));
    const started = services
      .filter(({ name }) => now.get(name)?.id !== there.get(name)?.id)
      .map(({ name }) => name);
    const alreadyRunning = services.map(({ name }) => name).filter((name) => !started.includes(name));
    return { started, alreadyRunning };
  };

  /** The credentials of `.env`, or new ones, which are written there before anything uses them. */
  async function credentials(): Promise<Record<string, string>> {
    const own = {
      COMPOSE_PROJECT_NAME: project,
      S3_ACCESS_KEY: values.S3_ACCESS_KEY || randomBytes(10).toString("hex"),
      S3_SECRET_KEY: values.S3_SECRET_KEY || randomBytes(20).toString("hex"),
    };
    const made = Object.entries(own).filter(([key, value]) => values[key as keyof typeof own] !== value);
    if (made.length > 0) await putKeys(config.envFile, Object.fromEntries(made));
    return own;
  }

  async function require(service: ServiceName): Promise<Container> {
    const found = [...runningOf(await list()).values()].find((one) => one.service === service);
    if (found !== undefined) return found;
    throw unavailable("service_stopped", `the container of ${service} does not run`, { hint: "pipectl up" });
  }

  const down: Managed["down"] = async ({ volumes }, report, signal) => {
    await requireEngine(call, signal);
    const containers = (await list(signal)).filter(({ service }) => service !== "storage");
    const stopped = [...runningOf(containers).keys()];
    if (stopped.length > 0) report({ type: "step", text: `Stopping ${stopped.join(", ")}` });
    const filter = ["--filter", `label=com.docker.compose.project=${project}`];
    const deleted = volumes ? linesOf(await call(["volume", "ls", "-q", ...filter], { signal })) : [];
    const args = ["down", "--remove-orphans", "-t", "15", ...(volumes ? ["--volumes"] : [])];
    await compose(call, config, project)(args, { timeoutMs: 120_000, signal });
    if (volumes && existsSync(home)) {
      await rm(home, { recursive: true, force: true });
      deleted.push(home);
    }
    return { stopped, deleted: deleted.map((name) => (name === home ? name : `volume ${name}`)) };
  };

  const logs: Managed["logs"] = async ({ service, lines, follow }, onLine, signal) => {
    const order = services.map(({ name }) => name);
    const containers = (await list(signal))
      .filter((one) => order.includes(one.name))
      .filter((one) => service === undefined || [one.name, one.service].includes(service))
      .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
    const show = async ({ id, name }: Container) => {
      const args = ["logs", "--tail", String(lines), ...(follow ? ["--follow"] : []), id];
      const program = await startDialogue("docker", args, { cwd: root, env });
      const kill = () => program.kill("SIGTERM");
      signal.addEventListener("abort", kill);
      for await (const line of program.lines) if (line !== "") onLine(name, line);
      signal.removeEventListener("abort", kill);
    };
    // In parallel only when following. Otherwise the services would appear in random order.
    if (follow) await Promise.all(containers.map(show));
    else for (const one of containers) await show(one);
    return containers.length;
  };

  return {
    kind: "docker",
    endpoints,
    access: {},
    inside: {
      kafkaProperties: {},
      secrets: {},
      kafka: "kafka:19092",
      catalog: {
        uri: "http://catalog:8181",
        warehouse: endpoints.warehouse,
        "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        // The keys are in the environment of Flink's processes, so that no SQL contains one.
        "s3.endpoint": "http://s3:9000",
        "s3.path-style-access": "true",
      },
    },
    home,
    prepare: async (report, signal) => void (await prepare(report, signal)),
    managed: { up, down, logs },

    async services(): Promise<ServiceStatus[]> {
      const containers = await list();
      const there = runningOf(containers);
      return await Promise.all(
        services.map(async ({ name, service, endpoint }): Promise<ServiceStatus> => {
          const one = there.get(name);
          const base = { name, service, ...(endpoint === undefined ? {} : { endpoint }) };
          if (one === undefined) return { ...base, state: "stopped" };
          const [ready, memoryBytes] = await Promise.all([
            readiness({ ...base, registeredAs: registeredAs(one) }, endpoints, () => {}),
            memoryOf(one.id),
          ]);
          return {
            ...base,
            state: ready === undefined ? "starting" : "running",
            container: one.container,
            ...(memoryBytes === undefined ? {} : { memoryBytes }),
          };
        }),
      );
    },

    gateway: async () => ({ url: endpoints.gateway }),

    async sqlClient() {
      const { id } = await require("gateway");
      await mkdir(home, { recursive: true });
      return { file: "docker", args: ["exec", "-i", id, "/opt/pipectl/bin/sql-client"], cwd: home, env };
    },

    async checkpoints(job) {
      const { id } = await require("s3");
      // The S3 server keeps objects as files. A job without checkpoints has no folder.
      const list = `ls -d /data/lake/checkpoints/${job}/chk-*/_metadata 2>/dev/null || true`;
      return checkpointsAmong(
        linesOf(await call(["exec", id, "sh", "-c", list])),
        "s3://lake/checkpoints",
        job,
      );
    },

    async jobJar() {
      const { id } = await require("jobmanager");
      await mkdir(home, { recursive: true });
      const path = join(home, "pipectl-jobs.jar");
      await call(["cp", "--follow-link", `${id}:/opt/pipectl/jobs.jar`, path]);
      return path;
    },

    // Only the engine knows the disks of Docker's volumes.
    diagnose: async () =>
      await diagnoseDocker(config, call, compose(call, config, project), portRequests, list),
  };

  /** Resident memory of a container's processes; undefined when the engine's machine has a different `ps`. */
  async function memoryOf(id: string): Promise<number | undefined> {
    const text = await call(["top", id, "-eo", "pid,rss"]).catch(() => "");
    const sizes = text.split("\n").flatMap((line) => /^\s*\d+\s+(\d+)\s*$/.exec(line)?.[1] ?? []);
    return sizes.length === 0 ? undefined : sum(sizes.map(Number)) * 1024;
  }
}
