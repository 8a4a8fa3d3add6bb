import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Config } from "../../config/load.js";
import { failed } from "../../core/errors.js";
import { type DetachedProcess, run, startDetached } from "../../core/exec.js";
import type { Finding } from "../../core/finding.js";
import { poll } from "../../core/poll.js";
import type { Report } from "../../core/report.js";
import { checkpointsAmong } from "../checkpoints.js";
import { lastWords } from "../last-words.js";
import { pathOf } from "../path.js";
import { requireFreePorts } from "../ports.js";
import { listedTaskManagers, readiness } from "../readiness.js";
import type { Endpoints, Runtime, ServiceStatus } from "../runtime.js";
import { archiveOptions, recordArchive } from "./archives.js";
import { foldersOf, kafkaClusterId, portsOf, writeConf } from "./conf.js";
import { diagnoseLocal } from "./diagnose.js";
import { disksBelow } from "./disks.js";
import { classPaths } from "./jars.js";
import { findJava, type Java } from "./java.js";
import { tail } from "./log-files.js";
import { marker, stackProcesses, stopProcesses } from "./processes.js";
import {
  argumentFile,
  idBegins,
  portWishes,
  type ServiceSpec,
  serviceSpecs,
  sqlClientSpec,
  startArguments,
} from "./services.js";

/** The whole stack as JVMs of this machine, bound to 127.0.0.1, with its state below `config.stateDir`. */
export function localRuntime(config: Config): Runtime {
  const { values, stateDir, root, environment } = config;
  const folders = foldersOf(stateDir);
  const ports = portsOf(values);
  const specs = serviceSpecs(values, folders, ports);
  const logOf = (name: string) => ({
    conf: join(folders.conf, "log4j.properties"),
    file: join(folders.log, `${name}.log`),
  });
  const endpoints = {
    kafka: `127.0.0.1:${ports.kafka}`,
    flink: `http://127.0.0.1:${ports.flink}`,
    gateway: `http://127.0.0.1:${ports.gateway}`,
    catalog: `http://127.0.0.1:${ports.catalog}`,
    warehouse: pathToFileURL(folders.warehouse).href,
  } satisfies Endpoints;
  const answers = (spec: ServiceSpec, why: (reason: string) => void, dead: readonly string[] = []) =>
    readiness({ ...spec, registeredAs: `"id":"${idBegins(spec.name)}`, dead }, endpoints, why);
  const outputOf = (name: string) => join(folders.log, `${name}.out`);

  async function formatKafka(java: Java, classPath: readonly string[], signal: AbortSignal): Promise<void> {
    if (existsSync(join(folders.kafka, "meta.properties"))) return;
    const server = join(folders.conf, "server.properties");
    const args = ["-XX:TieredStopAtLevel=1", `-Dlog4j.configurationFile=${logOf("kafka").conf}`];
    args.push(`-Dpipectl.log=${logOf("kafka-format").file}`, "-cp", classPath.join(":"));
    // One word, because an id may begin with a dash.
    args.push(
      "kafka.tools.StorageTool",
      "format",
      "-g",
      `--cluster-id=${kafkaClusterId(stateDir)}`,
      "-c",
      server,
    );
    const result = await run(java.file, args, { env: pathOf(environment), timeoutMs: 60_000, signal });
    if (result.exitCode !== 0) {
      throw failed(
        "kafka_format",
        `Kafka's storage in ${folders.kafka} could not be prepared: ${result.stderr}`,
      );
    }
  }

  async function start(spec: ServiceSpec, java: Java): Promise<DetachedProcess> {
    return startDetached(
      java.file,
      [...marker(spec.name, stateDir), `@${argsOf(spec.name)}`, ...startArguments(spec)],
      {
        outputFile: outputOf(spec.name),
        cwd: stateDir,
        env: { ...environment, FLINK_CONF_DIR: folders.conf },
      },
    );
  }
  const argsOf = (name: string) => join(folders.conf, `${name}.args`);

  async function up(report: Report, signal: AbortSignal) {
    const java = await findJava(environment);
    const jars = await classPaths(root, stateDir, environment, report, signal);
    const running = new Map((await stackProcesses(stateDir)).map((process) => [process.name, process]));
    if (!running.has("jobmanager")) {
      // A TaskManager takes 45 s to find out that its JobManager is another one; started anew, it takes five.
      const stranded = [...running.values()].filter(({ name }) => name.startsWith("taskmanager-"));
      await stopProcesses(stateDir, stranded, signal);
      for (const { name } of stranded) running.delete(name);
    }
    const missing = specs.filter((spec) => !running.has(spec.name));
    const alreadyRunning = specs.filter((spec) => running.has(spec.name)).map((spec) => spec.name);
    await requireFreePorts(portWishes(missing));

    report({
      type: "step",
      text:
        missing.length === 0
          ? "Everything runs already"
          : `Starting ${missing.map((spec) => spec.name).join(", ")}`,
    });
    await writeConf(values, folders);
    // The client has the gateway's class path, and is gone before it could write an archive of its own.
    const client = { ...sqlClientSpec(ports.gateway), name: "sql-client", service: "gateway" };
    for (const spec of [...specs, client]) {
      const archive = await archiveOptions(stateDir, spec.service, java, jars[spec.classPath]);
      await writeFile(argsOf(spec.name), argumentFile(spec, jars, logOf(spec.name), archive), {
        mode: 0o600,
      });
    }
    if (missing.some((spec) => spec.service === "kafka")) await formatKafka(java, jars.broker, signal);

    const dead = (running.has("jobmanager") ? await listedTaskManagers(endpoints) : [])
      .map(({ id }) => id)
      .filter((id) => ![...running.keys()].some((name) => id.startsWith(idBegins(name))));
    const children = new Map<string, DetachedProcess>();
    try {
      for (const spec of missing) children.set(spec.name, await start(spec, java));
      await ready(children, dead, report, signal);
    } catch (error) {
      // A half-started stack would look like a broken one to the next command.
      const mine = new Set([...children.values()].map((child) => child.pid));
      const started = (await stackProcesses(stateDir)).filter((process) => mine.has(process.pid));
      await stopProcesses(stateDir, started, new AbortController().signal, 3_000);
      throw error;
    }
    return { started: missing.map((spec) => spec.name), alreadyRunning };
  }

  /** Waits until every service answers; a process that dies meanwhile ends the wait at once, with its last words. */
  async function ready(
    children: Map<string, DetachedProcess>,
    dead: readonly string[],
    report: Report,
    signal: AbortSignal,
  ): Promise<void> {
    const stop = new AbortController();
    const both = AbortSignal.any([signal, stop.signal]);
    const deaths = [...children].map(async ([name, child]) => {
      const how = await child.ended;
      throw failed("service_died", `${name} ended while starting (${how}):\n${await wordsOf(name)}`, {
        hint: `pipectl logs ${name}`,
      });
    });
    const waiting = new Set(specs.map((spec) => spec.name));
    const waits = specs.map(async (spec) => {
      await poll((why) => answers(spec, why, dead), {
        what: spec.name,
        timeoutMs: values.UP_TIMEOUT,
        signal: both,
        report: (event) =>
          report(event.type === "wait" ? { ...event, text: [...waiting].join(", ") } : event),
        hint: `pipectl logs ${spec.name}`,
      });
      waiting.delete(spec.name);
    });
    try {
      await Promise.race([Promise.all(waits), ...deaths]);
    } finally {
      stop.abort();
      await Promise.allSettled(waits);
    }
  }

  async function wordsOf(name: string): Promise<string> {
    const texts = await Promise.all(
      [logOf(name).file, outputOf(name)].map((path) => readFile(path, "utf8").catch(() => "")),
    );
    return lastWords(texts.join("\n"));
  }

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
    up,

    async down({ volumes }, report, signal) {
      const processes = await stackProcesses(stateDir);
      if (processes.length > 0)
        report({ type: "step", text: `Stopping ${processes.map((p) => p.name).join(", ")}` });
      await stopProcesses(stateDir, processes, signal);
      await rm(folders.tmp, { recursive: true, force: true });
      const deleted: string[] = [];
      if (volumes) {
        for (const folder of [join(stateDir, "data"), join(stateDir, "runs"), folders.log, folders.conf]) {
          if (!existsSync(folder)) continue;
          await rm(folder, { recursive: true, force: true });
          deleted.push(folder);
        }
      }
      return { stopped: processes.map((process) => process.name), deleted };
    },

    async services(): Promise<ServiceStatus[]> {
      const running = new Map((await stackProcesses(stateDir)).map((process) => [process.name, process]));
      return await Promise.all(
        specs.map(async (spec) => {
          const process = running.get(spec.name);
          const ready = process !== undefined && (await answers(spec, () => {})) !== undefined;
          return {
            name: spec.name,
            service: spec.service,
            state: process === undefined ? "stopped" : ready ? "running" : "starting",
            ...(process === undefined ? {} : { pid: process.pid, memoryBytes: process.memoryBytes }),
            ...(spec.endpoint === undefined ? {} : { endpoint: spec.endpoint }),
          } as const;
        }),
      );
    },

    async logs(options, onLine, signal) {
      const { service } = options;
      const names = specs.filter(
        (spec) => service === undefined || [spec.name, spec.service].includes(service),
      );
      const files = names
        .flatMap(({ name }) => [
          { name, path: outputOf(name) },
          { name, path: logOf(name).file },
        ])
        .filter(({ path }) => existsSync(path));
      await tail(files, options, onLine, signal);
      return files.length;
    },

    gateway: async () => ({ url: endpoints.gateway }),
    close: async () => {},

    async sqlClient() {
      const java = await findJava(environment);
      await mkdir(folders.log, { recursive: true });
      return {
        file: java.file,
        args: [...marker("sql-client", stateDir), `@${argsOf("sql-client")}`],
        cwd: stateDir,
        env: { FLINK_CONF_DIR: folders.conf },
      };
    },

    scratch: folders.tmp,
    processName: (name) => ["pipectl", ...marker(name, stateDir), "@"].join(" "),

    async keepClassData(signal) {
      const java = await findJava(environment);
      const jars = await classPaths(root, stateDir, environment, () => {}, signal);
      const recorded: string[] = [];
      for (const process of await stackProcesses(stateDir)) {
        const spec = specs.find(({ name }) => name === process.name);
        if (spec === undefined) continue;
        const { service, classPath } = spec;
        if (await recordArchive(stateDir, process, service, java, jars[classPath], signal))
          recorded.push(process.name);
      }
      return recorded;
    },

    checkpoints: async (job) => {
      const base = join(folders.checkpoints, "checkpoints");
      const found = await readdir(join(base, job)).catch(() => []);
      const whole = found
        .map((chk) => `${chk}/_metadata`)
        .filter((path) => existsSync(join(base, job, path)));
      return checkpointsAmong(whole, pathToFileURL(base).href, job);
    },

    jobJar: async () => {
      const jars = await classPaths(root, stateDir, environment, () => {}, new AbortController().signal);
      return jars.cluster[0] as string;
    },

    disks: async () => await disksBelow(stateDir),
    diagnose: async (): Promise<Finding[]> => await diagnoseLocal(config, specs),
  };
}
