import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/load.js";
import { unavailable } from "../../core/errors.js";
import { type Launch, startDetached } from "../../core/exec.js";
import { type Forward, forward } from "../../core/forward.js";
import { freePort } from "../../core/free-port.js";
import type { Access } from "../../core/http-access.js";
import type { Report } from "../../core/report.js";
import { argumentFile, type JvmSpec } from "../jvm/argument-file.js";
import { type ClassPaths, classPaths } from "../jvm/jars.js";
import { findJava, type Java } from "../jvm/java.js";
import { log4jConf } from "../jvm/log4j.js";
import { marker, stackProcesses, stopProcesses } from "../jvm/processes.js";
import { sqlClientSpec, sqlGatewaySpec } from "../jvm/sql-gateway.js";
import type { Endpoints, GatewayAddress } from "../runtime.js";
import { lastWordsOf, unlessDead, untilReady } from "../startup.js";
import { bundleJars, bundleOf } from "./storage.js";

/**
 * The headers that Flink's clients send with each request: `Name:value` (ConfigConstants.FLINK_REST_CLIENT_HEADERS of Flink
 * 2.1).
 */
const headersVariable = "FLINK_REST_CLIENT_HEADERS";

/** The JVMs that a command starts for somebody else's Flink: a SQL client, and a gateway if there is none. */
export interface Clients {
  /** A SQL gateway of this command for that Flink, started on the first call. */
  gateway(signal: AbortSignal): Promise<GatewayAddress>;
  /** How to start the SQL client against a gateway. */
  client(gateway: GatewayAddress, signal: AbortSignal): Promise<Launch>;
  /** Ends the JVMs, and deletes their files. */
  close(): Promise<void>;
}

/**
 * @param home folder for pipectl's records of the remote stack
 * @param flinkAccess the credentials for Flink
 */
export function clients(
  config: Config,
  endpoints: Endpoints,
  flinkAccess: Access | undefined,
  home: string,
  report: Report,
): Clients {
  const { environment, values } = config;
  // A folder and a name for each command, because two may run at once.
  const folder = join(home, `jvm-${process.pid}`);
  const name = `gateway-${process.pid}`;
  const ways: Forward[] = [];
  let opened: Promise<GatewayAddress> | undefined;

  /** A local port that forwards to a remote server, and the pass that pipectl's JVM must send there. */
  async function wayTo(url: string, access: Access | undefined) {
    const pass = { name: "x-pipectl-pass", value: randomBytes(16).toString("hex") };
    const way = await forward(url, access, pass);
    ways.push(way);
    return { port: way.port, env: { [headersVariable]: `${pass.name}:${pass.value}` } };
  }

  /** Writes the files of a JVM, and returns the arguments for `java`. */
  async function written(
    called: string,
    spec: JvmSpec,
    jars: ClassPaths,
    settings: readonly string[],
  ): Promise<{ words: string[]; conf: string }> {
    const conf = join(folder, called);
    await mkdir(conf, { recursive: true, mode: 0o700 });
    const log = { conf: join(conf, "log4j.properties"), file: join(folder, `${called}.log`) };
    await writeFile(log.conf, log4jConf());
    await writeFile(join(conf, "config.yaml"), settings.map((line) => `${line}\n`).join(""));
    const args = join(conf, "java.args");
    await writeFile(args, argumentFile(spec, jars, log, []), { mode: 0o600 });
    return { words: [...marker(called, home), `@${args}`], conf };
  }

  async function prepared(signal: AbortSignal): Promise<{ java: Java; jars: ClassPaths }> {
    await sweep(home, signal);
    const java = await findJava(environment);
    return { java, jars: await classPaths(config, report, signal) };
  }

  async function open(signal: AbortSignal): Promise<GatewayAddress> {
    const { java, jars } = await prepared(signal);
    const bundle = bundleOf(values);
    const storage = bundle === undefined ? [] : await bundleJars(bundle, config, report, signal);
    const way = await wayTo(endpoints.flink, flinkAccess);
    const port = await freePort();
    const withStorage = { ...jars, gateway: [...jars.gateway, ...storage] };
    const { words, conf } = await written(name, sqlGatewaySpec(port), withStorage, [
      "rest.address: 127.0.0.1",
      `rest.port: ${way.port}`,
      "execution.target: remote",
    ]);
    report({ type: "step", text: "Starting a SQL gateway for this command, because GATEWAY_URL names none" });
    const outputFile = join(folder, `${name}.out`);
    const env = { ...environment, ...way.env, FLINK_CONF_DIR: conf };
    const child = startDetached(java.file, words, { outputFile, cwd: folder, env });
    const own = { name: "pipectl's SQL gateway", service: "gateway" } as const;
    const url = `http://127.0.0.1:${port}`;
    const hint = "pipectl doctor";
    const death = async (): Promise<never> => {
      const end = await child.ended;
      const said = await lastWordsOf([join(folder, `${name}.log`), outputFile]);
      throw unavailable("service_died", `${own.name} ended while starting (${end}):\n${said}`, { hint });
    };
    const at = { ...endpoints, gateway: url };
    const ready = (both: AbortSignal) => untilReady([own], at, values.UP_TIMEOUT, () => hint, report, both);
    await unlessDead(ready, death, signal);
    return { url };
  }

  return {
    gateway: async (signal) => {
      opened ??= open(signal);
      return await opened;
    },

    async client({ url, access }, signal) {
      const { java, jars } = await prepared(signal);
      const own = opened !== undefined;
      const way = own ? { port: Number(new URL(url).port), env: {} } : await wayTo(url, access);
      // The client gets no settings: it would pass them on to the gateway's session, where they take precedence.
      const { words, conf } = await written(`sql-client-${process.pid}`, sqlClientSpec(way.port), jars, []);
      return { file: java.file, args: words, cwd: folder, env: { FLINK_CONF_DIR: conf, ...way.env } };
    },

    async close() {
      await opened?.catch(() => {});
      for (const way of ways) way.close();
      if (opened !== undefined) {
        const own = (await stackProcesses(home)).filter((one) => one.name === name);
        await stopProcesses(home, own, new AbortController().signal, 2_000);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ends the processes of killed commands, and deletes their files. */
async function sweep(home: string, signal: AbortSignal): Promise<void> {
  const folders = await readdir(home).catch(() => []);
  const dead = folders
    .map((name) => /^jvm-(\d+)$/.exec(name)?.[1])
    .filter((owner) => owner !== undefined && !isAlive(Number(owner)));
  if (dead.length === 0) return;
  const left = (await stackProcesses(home)).filter(({ name }) => dead.includes(name.split("-").at(-1)));
  await stopProcesses(home, left, signal);
  for (const owner of dead) await rm(join(home, `jvm-${owner}`), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
