import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import kafkajs from "kafkajs";
import { gatewaySession } from "../dist/flink/gateway.js";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const stateDir = join(root, ".pipectl", "bench");
const offset = Number(process.env.PORT_OFFSET ?? 3500);
const port = { kafka: 9092, flink: 8081, gateway: 8083, catalog: 8181 };
for (const name of Object.keys(port)) port[name] += offset;
export const url = (name) => `http://127.0.0.1:${port[name]}`;
export const broker = `127.0.0.1:${port.kafka}`;
export const topic = "taxi.raw_trips";

/** A stack of its own: other ports, another state folder, and nothing of the user's `.env`. */
const settings = {
  STATE_DIR: stateDir,
  RUNTIME: "local",
  MODE: "batch",
  PORT_OFFSET: String(offset),
  WARM_UP: "false",
  NO_COLOR: "1",
};

/** Starts a pipectl command against this stack; the process, to await or to look at. */
export function start(args, environment = {}) {
  const words = [...args, "--json", "-q", "--env-file", join(root, "bench", "empty.env")];
  return execa(process.execPath, [join(root, "dist", "cli.js"), ...words], {
    env: { ...settings, ...environment },
  });
}

/** Runs a pipectl command to its end; its JSON. */
export async function pipectl(args, environment) {
  return JSON.parse((await start(args, environment)).stdout);
}

/** Seconds that `action` takes. */
export async function seconds(action) {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}

/** Words of a Java argument file that pipectl has written for a service. */
async function argumentsOf(service) {
  const text = await readFile(join(stateDir, "conf", `${service}.args`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => line.slice(1, -1).replace(/\\(["\\])/g, "$1"));
}

/** The options of ours that make a JVM start or run quicker: a plain start has none of them. */
const tuning =
  /^-(Xshare|Xlog:cds|XX:(SharedArchiveFile|.RecordDynamicDumpInfo|.UseSerialGC|.UseParallelGC|Tiered|Tier4))/;

const services = ["kafka", "jobmanager", "taskmanager-1", "gateway", "catalog"];
const environmentOf = () => ({ ...process.env, FLINK_CONF_DIR: join(stateDir, "conf") });

/** The same services, started side by side with plain `java -cp`; resolves when all of them answer. */
export async function plainUp() {
  const children = [];
  for (const service of services) {
    const words = (await argumentsOf(service)).filter((word) => !tuning.test(word));
    children.push(spawn("java", words, { cwd: stateDir, env: environmentOf(), stdio: "ignore" }));
  }
  await until(async () => {
    const [managers, gateway, catalog] = await Promise.all([
      fetch(`${url("flink")}/taskmanagers`).then((answer) => answer.json()),
      fetch(`${url("gateway")}/v3/info`),
      fetch(`${url("catalog")}/v1/config`),
      reachable(port.kafka),
    ]);
    return managers.taskmanagers.length === 1 && gateway.ok && catalog.ok;
  });
  return async () => {
    await Promise.all(
      children.map(async (child) => {
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGTERM");
        await Promise.race([gone, delay(10_000).then(() => child.kill("SIGKILL"))]);
        await gone;
      }),
    );
  };
}

/** Looks again and again; what `look` throws is a "not yet", too. */
export async function until(look, limit = 120) {
  for (const end = Date.now() + limit * 1000; Date.now() < end; await delay(100)) {
    if (await look().catch(() => false)) return;
  }
  throw new Error(`gave up after ${limit} s`);
}

const reachable = (at) =>
  new Promise((resolve, reject) => {
    const socket = connect(at, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", reject);
  });

/** The class path of a service. */
export async function classPathOf(service) {
  const words = await argumentsOf(service);
  return words[words.indexOf("-cp") + 1];
}

/** One of Kafka's own command-line tools, with the memory that its script gives it. */
export async function kafkaTool(main, args) {
  const { stdout } = await execa("java", ["-Xmx512m", "-cp", await classPathOf("kafka"), main, ...args], {
    env: environmentOf(),
    timeout: 600_000,
  });
  return stdout;
}

/** The SQL client by itself, as a Makefile starts it: it plans in its own JVM and ends with the file. */
export async function plainSqlClient(file) {
  const words = await argumentsOf("sql-client");
  const options = words.slice(0, words.indexOf("-cp")).filter((word) => word.startsWith("--add-"));
  // The jars that every Flink has: the gateway's are chosen for speed.
  const args = [
    ...options,
    "-cp",
    await classPathOf("jobmanager"),
    "org.apache.flink.table.client.SqlClient",
  ];
  const { stdout } = await execa("java", [...args, "embedded", "-f", file], { env: environmentOf() });
  if (stdout.includes("[ERROR]")) throw new Error(stdout.slice(stdout.indexOf("[ERROR]")));
}

/** A session of the SQL gateway for what pipectl has no command for. */
export async function sql(statements) {
  const { signal } = new AbortController();
  const session = await gatewaySession(url("gateway"), signal);
  try {
    for (const statement of statements) await session.execute(statement, signal);
  } finally {
    await session.close();
  }
}

/** SQL that pipectl has submitted last, or rendered. */
export const rendered = async (name) => await readFile(join(root, "build", "sql", `${name}.sql`), "utf8");

/** Tables beside the dataset's, empty, with `_plain` behind their names. */
export async function plainTables(...tables) {
  const catalog = await rendered("00_catalog");
  await sql([
    catalog.trim().replace(/;$/, ""),
    ...tables.map((table) => `CREATE TABLE lake.${table}_plain LIKE lake.${table}`),
  ]);
}

/** Every job that Flink knows. */
export async function jobs() {
  return (await (await fetch(`${url("flink")}/jobs/overview`)).json()).jobs;
}

/** Milliseconds that the newest job ran whose name begins so, by Flink's own clock. */
export async function jobMs(name) {
  const [job] = (await jobs())
    .filter((one) => one.name.startsWith(name))
    .sort((a, b) => b["start-time"] - a["start-time"]);
  if (job?.state !== "FINISHED") throw new Error(`${name} is ${job?.state}`);
  return job.duration;
}

export async function dropTables() {
  for (const [namespace, table] of [
    ["bronze", "raw_trips"],
    ["bronze", "raw_trips_dlq"],
    ["silver", "cleaned_trips"],
  ]) {
    await fetch(`${url("catalog")}/v1/namespaces/${namespace}/tables/${table}`, { method: "DELETE" });
  }
}

/** Has an admin client of Kafka do something. */
export async function withAdmin(action) {
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    await action(admin);
  } finally {
    await admin.disconnect();
  }
}

/** A topic beside the dataset's, with as many partitions unless told; the broker makes none by itself. */
export const createTopic = async (name, numPartitions = 3) =>
  await withAdmin((admin) =>
    admin.createTopics({ waitForLeaders: true, topics: [{ topic: name, numPartitions }] }),
  );

/** Some values of the topic, as text. */
export async function someValues(count) {
  const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bench-${Date.now()}` });
  const values = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          if (values.length < count) values.push(message.value.toString());
          if (values.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

/**
 * An empty stack that runs. The jars and the class-data archives of earlier ones stay.
 *
 * @param partitions of the topic; the dataset's unless told
 */
export async function freshStack(partitions) {
  await pipectl(["down", "--volumes"]);
  await pipectl(["up"]);
  if (partitions === undefined) await pipectl(["create-topics"]);
  else await createTopic(topic, partitions);
}

/** The environment of a command that has to do with a stream. */
export const streaming = (interval) => ({ MODE: "streaming_bronze", CHECKPOINT_INTERVAL: interval });

/** Makes the stack once as a user's has been made before: with archives, which the first warm-up records. */
export async function settle() {
  await freshStack();
  await pipectl(["generate", "--count", "10000"]);
  await pipectl(["warm-up"]);
}

export const temporary = join(tmpdir(), `pipectl-bench-${process.pid}`);
export async function tidy() {
  await pipectl(["down", "--volumes"]).catch(() => {});
  await rm(temporary, { recursive: true, force: true });
}
