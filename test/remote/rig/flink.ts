import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../../src/config/load.js";
import { foldersOf, writeConf } from "../../../src/runtime/local/conf.js";
import { type ServiceSpec, serviceSpecs } from "../../../src/runtime/local/services.js";
import { portsOf } from "../../../src/runtime/ports.js";
import { projectRoot } from "../../helpers/environment.js";
import { freePorts } from "../../helpers/ports.js";
import { flinkNeeds, ownClassPaths, storageJars, type Warehouse } from "./jars.js";
import { startJvm } from "./jvm.js";
import { ready, type Server, type ServerProcess } from "./process.js";

export interface FlinkOptions {
  /** Kinds of storage whose jars are on the class path. */
  readonly warehouses: readonly Warehouse[];
  readonly gateway?: boolean;
  /** Jars whose path matches are left out, for a cluster that somebody has forgotten to equip. */
  readonly without?: RegExp;
  /** Further lines of Flink's configuration; they win. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Of every JVM: what a cloud's SDK takes its identity from. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Flink extends Server {
  readonly url: string;
  /** Undefined without a gateway. */
  readonly gateway: string | undefined;
  readonly checkpoints: string;
  readonly processes: Readonly<Record<string, ServerProcess>>;
}

/** A session cluster such as somebody else would run: JobManager, one TaskManager and, unless told, a SQL gateway. */
export async function startFlink(folder: string, options: FlinkOptions): Promise<Flink> {
  const [flink, rpc, gateway] = await freePorts(3);
  const config = loadConfig({
    root: projectRoot,
    environment: {},
    envFile: "test/helpers/empty.env",
    flags: {
      STATE_DIR: folder,
      FLINK_PORT: String(flink),
      FLINK_RPC_PORT: String(rpc),
      GATEWAY_PORT: String(gateway),
    },
  });
  const folders = foldersOf(folder);
  await writeConf(config.values, folders);
  override(join(folders.conf, "config.yaml"), options.settings ?? {});

  const own = await ownClassPaths();
  const extra = (await Promise.all(options.warehouses.map(storageJars))).flatMap(flinkNeeds);
  const wanted = new Set(["jobmanager", "taskmanager", ...(options.gateway === false ? [] : ["gateway"])]);
  const processes = Object.fromEntries(
    serviceSpecs(config.values, folders, portsOf(config.values))
      .filter(({ service }) => wanted.has(service))
      .map((spec: ServiceSpec) => {
        const classPath = [...own[spec.classPath], ...extra].filter((jar) => !options.without?.test(jar));
        const env = { ...options.env, FLINK_CONF_DIR: folders.conf };
        return [spec.name, startJvm(folder, { ...spec, classPath, env })];
      }),
  );
  const stop = async () => {
    await Promise.all(Object.values(processes).map((started) => started.stop()));
  };
  const url = `http://127.0.0.1:${flink}`;
  const gatewayUrl = `http://127.0.0.1:${gateway}`;
  try {
    await Promise.all(
      Object.entries(processes).map(([name, started]) =>
        ready(`the rig's ${name}`, started, async () =>
          name === "gateway" ? await json(`${gatewayUrl}/v1/info`) : await hasSlots(url),
        ),
      ),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    gateway: wanted.has("gateway") ? gatewayUrl : undefined,
    checkpoints: `file://${join(folders.checkpoints, "checkpoints")}`,
    processes,
    stop,
  };
}

function override(file: string, settings: Readonly<Record<string, string>>): void {
  const kept = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => !Object.hasOwn(settings, line.slice(0, line.indexOf(":"))));
  writeFileSync(file, kept.join("\n"));
  for (const [key, value] of Object.entries(settings))
    appendFileSync(file, `${key}: ${JSON.stringify(value)}\n`);
}

async function json(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return response.ok ? await response.json() : undefined;
}

async function hasSlots(url: string): Promise<true | undefined> {
  const overview = (await json(`${url}/overview`)) as { "slots-available": number } | undefined;
  return overview !== undefined && overview["slots-available"] > 0 ? true : undefined;
}
