import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/load.js";
import { failed } from "../../core/errors.js";
import { type DetachedProcess, run, startDetached } from "../../core/exec.js";
import type { Report } from "../../core/report.js";
import { argumentFile } from "../jvm/argument-file.js";
import type { ClassPaths } from "../jvm/jars.js";
import { type Java, javaEnvironment } from "../jvm/java.js";
import { marker, stackProcesses, stopProcesses } from "../jvm/processes.js";
import { sqlClientSpec } from "../jvm/sql-gateway.js";
import type { Probe } from "../readiness.js";
import type { Endpoints } from "../runtime.js";
import { lastWordsOf, unlessDead, untilReady } from "../startup.js";
import { archiveOptions } from "./archives.js";
import { type Folders, filesOf, kafkaClusterId, writeConf } from "./conf.js";
import { type ServiceSpec, startArguments } from "./services.js";

export interface Start {
  readonly config: Config;
  readonly folders: Folders;
  readonly endpoints: Endpoints;
  readonly java: Java;
  readonly jars: ClassPaths;
  readonly specs: readonly ServiceSpec[];
  /** The services that are not running yet. */
  readonly missing: readonly ServiceSpec[];
  /** The checks by which each of all services is found to work. */
  readonly probes: readonly Probe[];
  readonly gatewayPort: number;
}

/**
 * Starts the missing services, and waits until every service answers. A process that ends meanwhile ends the wait at once. If
 * the services do not come up, the started processes are ended again.
 *
 * @throws PipectlError (failed) `service_died` with its last log lines; (unavailable) `timeout`
 */
export async function start(how: Start, report: Report, signal: AbortSignal): Promise<void> {
  const { config, folders, java, missing, probes, endpoints } = how;
  const { values, stateDir } = config;
  await writeConf(values, folders);
  await writeArguments(how);
  if (missing.some(({ service }) => service === "kafka")) await formatKafka(how, signal);
  const children: { name: string; child: DetachedProcess }[] = [];
  const death = async () =>
    await Promise.race(
      children.map(async ({ name, child }): Promise<never> => {
        const end = await child.ended;
        const { log, output } = filesOf(folders, name);
        const words = await lastWordsOf([log.file, output]);
        throw failed("service_died", `${name} ended while starting (${end}):\n${words}`, {
          hint: `pipectl logs ${name}`,
        });
      }),
    );
  try {
    for (const spec of missing) {
      const { args, output } = filesOf(folders, spec.name);
      const words = [...marker(spec.name, stateDir), `@${args}`, ...startArguments(spec)];
      const env = { ...config.environment, FLINK_CONF_DIR: folders.conf };
      const child = startDetached(java.file, words, { outputFile: output, cwd: stateDir, env });
      children.push({ name: spec.name, child });
    }
    const hint = (name: string) => `pipectl logs ${name}`;
    const ready = (both: AbortSignal) => untilReady(probes, endpoints, values.UP_TIMEOUT, hint, report, both);
    await unlessDead(ready, death, signal);
  } catch (error) {
    // The next command would take a half-started stack for a broken one.
    const mine = new Set(children.map(({ child }) => child.pid));
    const started = (await stackProcesses(stateDir)).filter((process) => mine.has(process.pid));
    await stopProcesses(stateDir, started, new AbortController().signal, 3_000);
    throw error;
  }
}

async function writeArguments({ config, folders, java, jars, specs, gatewayPort }: Start): Promise<void> {
  // The client has the gateway's class path. It ends too soon to write an archive of its own.
  const client = { ...sqlClientSpec(gatewayPort), name: "sql-client", service: "gateway" };
  for (const spec of [...specs, client]) {
    const archive = await archiveOptions(config.stateDir, spec.service, java, jars[spec.classPath]);
    const { args, log } = filesOf(folders, spec.name);
    await writeFile(args, argumentFile(spec, jars, log, archive), { mode: 0o600 });
  }
}

async function formatKafka({ config, folders, java, jars }: Start, signal: AbortSignal): Promise<void> {
  if (existsSync(join(folders.kafka, "meta.properties"))) return;
  const { log } = filesOf(folders, "kafka-format");
  const args = [
    ...["-XX:TieredStopAtLevel=1", `-Dlog4j.configurationFile=${log.conf}`, `-Dpipectl.log=${log.file}`],
    ...["-cp", jars.broker.join(":"), "kafka.tools.StorageTool", "format", "-g"],
    // One argument, because an id may begin with a dash.
    `--cluster-id=${kafkaClusterId(config.stateDir)}`,
    ...["-c", join(folders.conf, "server.properties")],
  ];
  const options = { env: javaEnvironment(config.environment), timeoutMs: 60_000, signal };
  const result = await run(java.file, args, options);
  if (result.exitCode !== 0) {
    throw failed(
      "kafka_format",
      `Kafka's storage in ${folders.kafka} could not be prepared: ${result.stderr}`,
    );
  }
}
