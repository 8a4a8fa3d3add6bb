import { createHash } from "node:crypto";
import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Values } from "../../config/schema.js";

/** Where the local runtime keeps what. */
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

export interface Ports {
  readonly kafka: number;
  readonly kafkaController: number;
  readonly flink: number;
  readonly flinkRpc: number;
  readonly gateway: number;
  readonly catalog: number;
}

export function portsOf(values: Values): Ports {
  const at = (port: number) => port + values.PORT_OFFSET;
  return {
    kafka: at(values.KAFKA_PORT),
    kafkaController: at(values.KAFKA_CONTROLLER_PORT),
    flink: at(values.FLINK_PORT),
    flinkRpc: at(values.FLINK_RPC_PORT),
    gateway: at(values.GATEWAY_PORT),
    catalog: at(values.CATALOG_PORT),
  };
}

/** Memory of a TaskManager in MB, part by part: Flink wants each part spelled out when no start script does it. */
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

/** Writes every configuration file of the stack; the same settings give the same bytes. */
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

function flinkConf(values: Values, folders: Folders): string {
  const ports = portsOf(values);
  const memory = taskManagerMemory(values.TASK_HEAP_MB);
  const conf: Record<string, string | number> = {
    "jobmanager.rpc.address": "127.0.0.1",
    "jobmanager.bind-host": "127.0.0.1",
    "jobmanager.rpc.port": ports.flinkRpc,
    "jobmanager.memory.heap.size": "512m",
    "rest.address": "127.0.0.1",
    "rest.bind-address": "127.0.0.1",
    "rest.port": ports.flink,
    "taskmanager.host": "127.0.0.1",
    "taskmanager.bind-host": "127.0.0.1",
    "taskmanager.numberOfTaskSlots": values.TASK_SLOTS,
    // Flink's default of 5 min lets a job wait that long for a TaskManager that has died.
    "slot.request.timeout": "60 s",
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
    // By default each sorted shuffle takes 16 MB: two jobs at once, and the second one fails for want of buffers.
    "taskmanager.network.sort-shuffle.min-buffers": 128,
    "parallelism.default": values.PARALLELISM,
    "execution.checkpointing.dir": pathToFileURL(join(folders.checkpoints, "checkpoints")).href,
    "execution.checkpointing.savepoint-dir": pathToFileURL(join(folders.checkpoints, "savepoints")).href,
    // A progress line that is ten seconds old, Flink's default, is no progress line.
    "metrics.fetcher.update-interval": 1000,
    "io.tmp.dirs": folders.tmp,
    "web.tmpdir": folders.tmp,
    "classloader.check-leaked-classloader": "false",
  };
  return Object.entries(conf)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}

/** What a cluster of a single broker needs, whatever its listeners are. */
export const oneBroker: Readonly<Record<string, string | number>> = {
  // It cannot keep the default of three copies.
  "offsets.topic.replication.factor": 1,
  "offsets.topic.num.partitions": 3,
  "transaction.state.log.replication.factor": 1,
  "transaction.state.log.num.partitions": 3,
  "transaction.state.log.min.isr": 1,
  "group.initial.rebalance.delay.ms": 0,
  // A topic that nobody created on purpose would have one partition and the wrong retention.
  "auto.create.topics.enable": "false",
};

function kafkaConf(values: Values, folders: Folders): string {
  const ports = portsOf(values);
  const conf: Record<string, string | number> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${ports.kafkaController}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.kafka},CONTROLLER://127.0.0.1:${ports.kafkaController}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${ports.kafka}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": folders.kafka,
    ...oneBroker,
  };
  return Object.entries(conf)
    .map(([key, value]) => `${key}=${String(value).replaceAll("\\", "\\\\")}\n`)
    .join("");
}

/** One file a process, named by its system property, at most 40 MB each: a stack that runs for weeks fills no disk. */
export function log4jConf(): string {
  return `monitorInterval = 30
rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.name = File
appender.file.type = RollingFile
appender.file.fileName = \${sys:pipectl.log}
appender.file.filePattern = \${sys:pipectl.log}.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1} - %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
# Continuous silver looks at bronze each second, and says so twice.
logger.looks.name = org.apache.iceberg.flink.source.enumerator
logger.looks.level = WARN
# A stream that compacts its tables says at each checkpoint that it is not time yet, and that a gauge has its name already.
logger.triggers.name = org.apache.iceberg.flink.maintenance.operator.TriggerManagerOperator
logger.triggers.level = WARN
logger.gauges.name = org.apache.flink.metrics.MetricGroup
logger.gauges.level = ERROR
`;
}

/** An id for the broker's storage that stays the same for one state folder. */
export function kafkaClusterId(stateDir: string): string {
  return createHash("md5").update(stateDir).digest("base64url");
}
