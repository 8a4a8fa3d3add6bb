import { createHash } from "node:crypto";
import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Values } from "../../config/schema.js";
import { log4jConf } from "../jvm/log4j.js";
import { portsOf } from "../ports.js";

/** The folders of the local runtime. */
export interface Folders {
  readonly state: string;
  readonly conf: string;
  readonly log: string;
  readonly tmp: string;
  readonly kafka: string;
  readonly warehouse: string;
  readonly checkpoints: string;
  readonly catalog: string;
}

export function foldersOf(stateDir: string): Folders {
  const data = join(stateDir, "data");
  return {
    state: stateDir,
    conf: join(stateDir, "conf"),
    log: join(stateDir, "log"),
    tmp: join(stateDir, "tmp"),
    kafka: join(data, "kafka"),
    warehouse: join(data, "warehouse"),
    checkpoints: join(data, "checkpoints"),
    catalog: join(data, "catalog"),
  };
}

/** The files of the process with this name. */
export function filesOf({ conf, log }: Folders, name: string) {
  return {
    args: join(conf, `${name}.args`),
    log: { conf: join(conf, "log4j.properties"), file: join(log, `${name}.log`) },
    /** The process's standard output and error. */
    output: join(log, `${name}.out`),
  };
}

/** Memory of a TaskManager in MB, by part: without its start scripts, Flink needs each part explicitly. */
export function taskManagerMemory(heapMb: number) {
  return {
    framework: 128,
    heap: heapMb,
    frameworkOffHeap: 128,
    offHeap: 64,
    network: 128,
    managed: 512,
    metaspace: 256,
  };
}

/** Writes every configuration file of the stack. The same settings produce the same bytes. */
export async function writeConf(values: Values, folders: Folders): Promise<void> {
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  await chmod(folders.state, 0o700);
  await put(join(folders.conf, "config.yaml"), flinkConf(values, folders));
  await put(join(folders.conf, "server.properties"), kafkaConf(values, folders));
  await put(join(folders.conf, "log4j.properties"), log4jConf());
}

async function put(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

/**
 * How long Flink's processes wait for one another. Flink's own times are for a machine with processors to spare: at a load of ten on two
 * cores, a process that works well answers after more than the 10 s of `pekko.ask.timeout`, and jobs and queries fail. A process that was
 * killed is noticed by refused connections, as quickly as before. docker-compose.yml has the same. Without a space between number and
 * unit: the entrypoint of Flink's image takes what is behind one for another word.
 */
export const patientFlink: Readonly<Record<string, string>> = {
  "pekko.ask.timeout": "60s",
  "pekko.lookup.timeout": "60s",
  "pekko.tcp.timeout": "60s",
  "web.timeout": "10min",
  "heartbeat.timeout": "2min",
  // Of the gateway and the SQL client, for the JobManager.
  "client.timeout": "2min",
  "rest.connection-timeout": "60000",
};

function flinkConf(values: Values, folders: Folders): string {
  const ports = portsOf(values);
  const memory = taskManagerMemory(values.TASK_HEAP_MB);
  const conf: Record<string, string | number> = {
    "jobmanager.rpc.address": "127.0.0.1",
    "jobmanager.bind-host": "127.0.0.1",
    "jobmanager.rpc.port": ports.FLINK_RPC_PORT,
    "jobmanager.memory.heap.size": "512m",
    "rest.address": "127.0.0.1",
    "rest.bind-address": "127.0.0.1",
    "rest.port": ports.FLINK_PORT,
    "taskmanager.host": "127.0.0.1",
    "taskmanager.bind-host": "127.0.0.1",
    "taskmanager.numberOfTaskSlots": values.TASK_SLOTS,
    // By Flink's default a job waits 5 min for a TaskManager that has died.
    "slot.request.timeout": "60 s",
    ...patientFlink,
    "taskmanager.cpu.cores": 2,
    "taskmanager.memory.framework.heap.size": `${memory.framework}m`,
    "taskmanager.memory.task.heap.size": `${memory.heap}m`,
    "taskmanager.memory.framework.off-heap.size": `${memory.frameworkOffHeap}m`,
    "taskmanager.memory.task.off-heap.size": `${memory.offHeap}m`,
    "taskmanager.memory.network.min": `${memory.network}m`,
    "taskmanager.memory.network.max": `${memory.network}m`,
    "taskmanager.memory.managed.size": `${memory.managed}m`,
    "taskmanager.memory.jvm-metaspace.size": `${memory.metaspace}m`,
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
    // By default each sorted shuffle takes 16 MB, so that the second of two parallel jobs fails for lack of buffers.
    "taskmanager.network.sort-shuffle.min-buffers": 128,
    "parallelism.default": values.PARALLELISM,
    "execution.checkpointing.dir": pathToFileURL(join(folders.checkpoints, "checkpoints")).href,
    "execution.checkpointing.savepoint-dir": pathToFileURL(join(folders.checkpoints, "savepoints")).href,
    // Flink's default of ten seconds would make progress lines outdated.
    "metrics.fetcher.update-interval": 1000,
    "io.tmp.dirs": folders.tmp,
    "web.tmpdir": folders.tmp,
    "classloader.check-leaked-classloader": "false",
  };
  return Object.entries(conf)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}

/** Settings of a cluster with a single broker, whatever its listeners are. */
export const oneBroker: Readonly<Record<string, string | number>> = {
  // A single broker cannot keep the default of three replicas.
  "offsets.topic.replication.factor": 1,
  "offsets.topic.num.partitions": 3,
  "transaction.state.log.replication.factor": 1,
  "transaction.state.log.num.partitions": 3,
  "transaction.state.log.min.isr": 1,
  "group.initial.rebalance.delay.ms": 0,
  // An automatically created topic would have one partition and the wrong retention.
  "auto.create.topics.enable": "false",
};

function kafkaConf(values: Values, folders: Folders): string {
  const ports = portsOf(values);
  const conf: Record<string, string | number> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${ports.KAFKA_CONTROLLER_PORT}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.KAFKA_PORT},CONTROLLER://127.0.0.1:${ports.KAFKA_CONTROLLER_PORT}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${ports.KAFKA_PORT}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": folders.kafka,
    ...oneBroker,
  };
  return Object.entries(conf)
    .map(([key, value]) => `${key}=${String(value).replaceAll("\\", "\\\\")}\n`)
    .join("");
}

/** The id of the broker's storage. It stays the same for a state folder. */
export function kafkaClusterId(stateDir: string): string {
  return createHash("md5").update(stateDir).digest("base64url");
}
