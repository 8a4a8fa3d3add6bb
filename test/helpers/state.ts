import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import kafkajs from "kafkajs";
import { inject } from "vitest";
import { committedOffsets } from "../../src/kafka/groups.js";
import { stackProcesses } from "../../src/runtime/jvm/processes.js";
import { projectRoot } from "./environment.js";
import { catalogClient, tableIds } from "./iceberg.js";

const topic = "taxi.raw_trips";

/** What a command may change: each a part of its own, so that a test can say which. */
export interface StackState {
  /** By service. */
  readonly processes: Readonly<Record<string, number>>;
  /** Text of each file of SQL that was rendered, by name. */
  readonly rendered: Readonly<Record<string, string>>;
  /** Text of the services' settings, by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** What is kept of the last jobs. */
  readonly records: string;
  /** Who is at work. */
  readonly locks: readonly string[];
  /** Of a stack that does not run, the rest is unknown. */
  readonly topics?: unknown;
  readonly offsets?: unknown;
  readonly committed?: unknown;
  readonly namespaces?: unknown;
  readonly tables?: unknown;
  readonly jobs?: unknown;
}

export async function stackState(): Promise<StackState> {
  const home = inject("stack").STATE_DIR as string;
  const processes = Object.fromEntries((await stackProcesses(home)).map(({ name, pid }) => [name, pid]));
  const records = join(home, "runs", "taxi", "last-jobs.json");
  const locks = join(home, "locks");
  return {
    processes,
    rendered: textsIn(join(projectRoot, "build", "sql")),
    settings: textsIn(join(home, "conf")),
    records: existsSync(records) ? readFileSync(records, "utf8") : "",
    locks: existsSync(locks)
      ? readdirSync(locks, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".lock"))
      : [],
    ...(processes.kafka === undefined ? {} : await inServices()),
  };
}

function textsIn(folder: string): Record<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

async function inServices() {
  const admin = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${inject("stack").KAFKA_PORT}`],
    logLevel: kafkajs.logLevel.NOTHING,
  }).admin();
  await admin.connect();
  // Kafka makes one of its own when a group is first asked for, as it is below.
  const topics = (await admin.listTopics()).filter((name) => !name.startsWith("__")).sort();
  const offsets = topics.includes(topic) ? await admin.fetchTopicOffsets(topic) : [];
  const committed = await committedOffsets(admin, "pipectl", topic);
  await admin.disconnect();
  const byPartition = (a: { partition: number }, b: { partition: number }) => a.partition - b.partition;
  const tables = await Promise.all(Object.values(tableIds).map((id) => catalogClient().table(id)));
  return {
    topics,
    offsets: offsets.sort(byPartition),
    committed: [...committed].sort(),
    namespaces: await json(`${catalogClient().url}/v1/namespaces`),
    tables: tables.map((table) => ({
      uuid: table?.uuid,
      refs: table?.refs,
      properties: Object.entries(table?.properties ?? {}).filter(([name]) => name.startsWith("pipectl.")),
    })),
    jobs: await runningJobs(),
  };
}

/** Jobs of Flink that have not ended. */
async function runningJobs(): Promise<unknown> {
  const { jobs } = (await json(`http://127.0.0.1:${inject("stack").FLINK_PORT}/jobs/overview`)) as {
    jobs: { jid: string; name: string; state: string }[];
  };
  return jobs
    .filter(({ state }) => !["FINISHED", "FAILED", "CANCELED"].includes(state))
    .map(({ jid, name, state }) => ({ jid, name, state }));
}

const json = async (url: string): Promise<unknown> => await (await fetch(url)).json();
