import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config } from "../../config/load.js";
import { checkpointsAmong } from "../checkpoints.js";
import { classPaths, jobJar } from "../jvm/jars.js";
import { findJava } from "../jvm/java.js";
import { marker, stackProcesses, stopProcesses } from "../jvm/processes.js";
import { loopback, portsOf, requireFreePorts } from "../ports.js";
import { listedTaskManagers, readiness } from "../readiness.js";
import type { Endpoints, Managed, Runtime, ServiceStatus, WarmUp } from "../runtime.js";
import { recordArchive } from "./archives.js";
import { filesOf, foldersOf } from "./conf.js";
import { diagnoseLocal } from "./diagnose.js";
import { disksBelow } from "./disks.js";
import { idBegins, portRequests, type ServiceSpec, serviceSpecs } from "./services.js";
import { start } from "./start.js";
import { tail } from "./tail.js";

/** The whole stack as JVMs on this machine, bound to 127.0.0.1, with its state in `config.stateDir`. */
export function localRuntime(config: Config): Runtime {
  const { values, stateDir, environment } = config;
  const folders = foldersOf(stateDir);
  const ports = portsOf(values);
  const specs = serviceSpecs(values, folders, ports);
  const endpoints = {
    ...loopback(ports),
    warehouse: pathToFileURL(folders.warehouse).href,
  } satisfies Endpoints;
  const probeOf = ({ name, service }: ServiceSpec, dead: readonly string[] = []) => ({
    ...{ name, service, dead },
    registeredAs: `"id":"${idBegins(name)}`,
  });
  const running = async () =>
    new Map((await stackProcesses(stateDir)).map((process) => [process.name, process]));

  const up: Managed["up"] = async (report, signal) => {
    const java = await findJava(environment);
    const jars = await classPaths(config, report, signal);
    const there = await running();
    if (!there.has("jobmanager")) {
      // A TaskManager takes up to two minutes to notice that its JobManager was replaced. After a restart it takes five.
      const stranded = [...there.values()].filter(({ name }) => name.startsWith("taskmanager-"));
      await stopProcesses(stateDir, stranded, signal);
      for (const { name } of stranded) there.delete(name);
    }
    const missing = specs.filter(({ name }) => !there.has(name));
    const started = missing.map(({ name }) => name);
    await requireFreePorts(portRequests(missing, ports));
    report({
      type: "step",
      text: missing.length === 0 ? "Everything runs already" : `Starting ${started.join(", ")}`,
    });
    const dead = (there.has("jobmanager") ? await listedTaskManagers(endpoints) : [])
      .map(({ id }) => id)
      .filter((id) => ![...there.keys()].some((name) => id.startsWith(idBegins(name))));
    const probes = specs.map((spec) => probeOf(spec, dead));
    const stack = { config, folders, endpoints, java, jars, specs, missing, probes };
    await start({ ...stack, gatewayPort: ports.GATEWAY_PORT }, report, signal);
    const alreadyRunning = specs.filter(({ name }) => there.has(name)).map(({ name }) => name);
    return { started, alreadyRunning };
  };

  const down: Managed["down"] = async ({ volumes }, report, signal) => {
    const processes = await stackProcesses(stateDir);
    const stopped = processes.map(({ name }) => name);
    if (stopped.length > 0) report({ type: "step", text: `Stopping ${stopped.join(", ")}` });
    await stopProcesses(stateDir, processes, signal);
    await rm(folders.tmp, { recursive: true, force: true });
    const data = [join(stateDir, "data"), join(stateDir, "runs"), folders.log, folders.conf];
    const deleted = volumes ? data.filter((folder) => existsSync(folder)) : [];
    for (const folder of deleted) await rm(folder, { recursive: true, force: true });
    return { stopped, deleted };
  };

  const logs: Managed["logs"] = async (options, onLine, signal) => {
    const { service } = options;
    const files = specs
      .filter((spec) => service === undefined || [spec.name, spec.service].includes(service))
      .flatMap(({ name }) => {
        const { output, log } = filesOf(folders, name);
        return [output, log.file].map((path) => ({ name, path }));
      })
      .filter(({ path }) => existsSync(path));
    await tail(files, options, onLine, signal);
    return files.length;
  };

  const keepClassData: WarmUp["keepClassData"] = async (signal) => {
    const java = await findJava(environment);
    const jars = await classPaths(config, () => {}, signal);
    const recorded: string[] = [];
    for (const process of await stackProcesses(stateDir)) {
      const spec = specs.find(({ name }) => name === process.name);
      if (spec === undefined) continue;
      const { service, classPath } = spec;
      if (await recordArchive(stateDir, process, service, java, jars[classPath], signal))
        recorded.push(process.name);
    }
    return recorded;
  };

  return {
    kind: "local",
    endpoints,
    access: {},
    inside: {
      kafkaProperties: {},
      secrets: {},
      kafka: endpoints.kafka,
      catalog: {
        uri: endpoints.catalog,
        warehouse: endpoints.warehouse,
        "io-impl": "org.apache.iceberg.hadoop.HadoopFileIO",
      },
    },
    home: stateDir,
    managed: { up, down, logs },
    warmUp: {
      scratch: folders.tmp,
      processName: (name) => ["pipectl", ...marker(name, stateDir), "@"].join(" "),
      keepClassData,
    },

    async services() {
      const there = await running();
      return await Promise.all(
        specs.map(async (spec): Promise<ServiceStatus> => {
          const { name, service, endpoint } = spec;
          const at = endpoint === undefined ? {} : { endpoint };
          const process = there.get(name);
          if (process === undefined) return { name, service, state: "stopped", ...at };
          const { pid, memoryBytes } = process;
          const ready = await readiness(probeOf(spec), endpoints, () => {});
          return { name, service, state: ready ? "running" : "starting", pid, memoryBytes, ...at };
        }),
      );
    },

    gateway: async () => ({ url: endpoints.gateway }),

    async sqlClient() {
      const java = await findJava(environment);
      await mkdir(folders.log, { recursive: true });
      return {
        file: java.file,
        args: [...marker("sql-client", stateDir), `@${filesOf(folders, "sql-client").args}`],
        cwd: stateDir,
        env: { FLINK_CONF_DIR: folders.conf },
      };
    },

    async checkpoints(job) {
      const base = join(folders.checkpoints, "checkpoints");
      const found = await readdir(join(base, job)).catch(() => []);
      const whole = found
        .map((chk) => `${chk}/_metadata`)
        .filter((path) => existsSync(join(base, job, path)));
      return checkpointsAmong(whole, pathToFileURL(base).href, job);
    },

    jobJar: async () => await jobJar(config, () => {}),
    disks: async () => await disksBelow(stateDir),
    diagnose: async () => await diagnoseLocal(config, specs),
  };
}
