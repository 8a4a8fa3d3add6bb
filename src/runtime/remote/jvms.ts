import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../../config/load.js";
import { unavailable } from "../../core/errors.js";
import { type Launch, startDetached } from "../../core/exec.js";
import { type Forward, forward } from "../../core/forward.js";
import { http } from "../../core/http.js";
import type { Access } from "../../core/http-access.js";
import { poll } from "../../core/poll.js";
import type { Report } from "../../core/report.js";
import { lastWords } from "../last-words.js";
import { log4jConf } from "../local/conf.js";
import { type ClassPaths, classPaths } from "../local/jars.js";
import { findJava, type Java } from "../local/java.js";
import { marker, stackProcesses, stopProcesses } from "../local/processes.js";
import { argumentFile, gatewayJvm, type ServiceSpec, sqlClientSpec } from "../local/services.js";
import { freePort } from "../ports.js";
import type { GatewayAddress } from "../runtime.js";
import { bundleJars, bundleOf } from "./storage.js";

/** What Flink's clients send with each request: `Name:value` (ConfigConstants.FLINK_REST_CLIENT_HEADERS of Flink 2.1). */
const headersVariable = "FLINK_REST_CLIENT_HEADERS";

/** The JVMs that a command starts beside somebody else's Flink: a SQL client, and a gateway where there is none. */
export interface Jvms {
  /** A SQL gateway of our own, for the Flink at `url`; started at the first call. */
  gateway(url: string, access: Access | undefined, signal: AbortSignal): Promise<GatewayAddress>;
  /** How to start the SQL client against a gateway. */
  client(gateway: GatewayAddress, signal: AbortSignal): Promise<Launch>;
  /** Ends them, and leaves nothing of them. */
  close(): Promise<void>;
}

/** @param home folder of what pipectl remembers of the remote stack */
export function jvms(config: Config, home: string, report: Report): Jvms {
  const { root, stateDir, environment, values } = config;
  // A folder and a name for each command: two may run at once.
  const folder = join(home, `jvm-${process.pid}`);
  const name = `gateway-${process.pid}`;
  const ways: Forward[] = [];
  let opened: Promise<GatewayAddress> | undefined;

  /** A port of this machine for a server that is not ours, and the pass that our JVM shows there. */
  async function wayTo(url: string, access: Access | undefined) {
    const pass = { name: "x-pipectl-pass", value: randomBytes(16).toString("hex") };
    const way = await forward(url, access, pass);
    ways.push(way);
    return { port: way.port, env: { [headersVariable]: `${pass.name}:${pass.value}` } };
  }

  /** Writes the files of a JVM, and returns the words behind `java`. */
  async function written(
    called: string,
    spec: Pick<ServiceSpec, "classPath" | "jvm" | "main" | "args">,
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
    return { java, jars: await classPaths(root, stateDir, environment, report, signal) };
  }

  async function open(url: string, access: Access | undefined, signal: AbortSignal): Promise<GatewayAddress> {
    const { java, jars } = await prepared(signal);
    const bundle = bundleOf(values);
    const storage = bundle === undefined ? [] : await bundleJars(bundle, config, environment, report, signal);
    const way = await wayTo(url, access);
    const port = await freePort();
    const option = "-Dsql-gateway.endpoint.rest";
    const spec = {
      classPath: "gateway" as const,
      jvm: [...gatewayJvm, "-Xmx512m"],
      main: "org.apache.flink.table.gateway.SqlGateway",
      args: [`${option}.address=127.0.0.1`, `${option}.bind-address=127.0.0.1`, `${option}.port=${port}`],
    };
    const { words, conf } = await written(name, spec, { ...jars, gateway: [...jars.gateway, ...storage] }, [
      "rest.address: 127.0.0.1",
      `rest.port: ${way.port}`,
      "execution.target: remote",
    ]);
    report({ type: "step", text: "Starting a SQL gateway for this command, because GATEWAY_URL names none" });
    const outputFile = join(folder, `${name}.out`);
    const env = { ...environment, ...way.env, FLINK_CONF_DIR: conf };
    const child = startDetached(java.file, words, { outputFile, cwd: folder, env });
    const base = `http://127.0.0.1:${port}`;
    const over = new AbortController();
    const died = child.ended.then(async (how) => {
      const files = [join(folder, `${name}.log`), outputFile];
      const texts = await Promise.all(files.map((path) => readFile(path, "utf8").catch(() => "")));
      throw unavailable(
        "service_died",
        `our SQL gateway ended while starting (${how}):\n${lastWords(texts.join("\n"))}`,
        { hint: "pipectl doctor" },
      );
    });
    died.catch(() => {});
    const ready = poll(
      async (why) => {
        try {
          const { status } = await http("our SQL gateway", `${base}/v3/info`, { timeoutMs: 3_000 });
          return status === 200 ? true : undefined;
        } catch (error) {
          why((error as Error).message);
          return undefined;
        }
      },
      {
        what: "our SQL gateway",
        timeoutMs: values.UP_TIMEOUT,
        signal: AbortSignal.any([signal, over.signal]),
        report,
        hint: "pipectl doctor",
      },
    );
    try {
      await Promise.race([ready, died]);
    } finally {
      over.abort();
      await ready.catch(() => {});
    }
    return { url: base };
  }

  return {
    gateway: async (url, access, signal) => {
      opened ??= open(url, access, signal);
      return await opened;
    },

    async client({ url, access }, signal) {
      const { java, jars } = await prepared(signal);
      const own = opened !== undefined;
      const way = own ? { port: Number(new URL(url).port), env: {} } : await wayTo(url, access);
      // No setting of its own: the client hands its settings on to the gateway's session, where they win.
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

/** Ends what commands have left that were killed, and removes its files. */
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
