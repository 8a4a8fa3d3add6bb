import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Values } from "../../config/schema.js";
import type { JvmSpec } from "../jvm/argument-file.js";
import { flinkModules, quick, small } from "../jvm/options.js";
import { sqlGatewaySpec } from "../jvm/sql-gateway.js";
import { loopback, type PortKey, type PortRequest, type Ports } from "../ports.js";
import type { ServiceName } from "../runtime.js";
import { type Folders, taskManagerMemory } from "./conf.js";

/** How one JVM of the stack is started, and its ports and address. */
export interface ServiceSpec extends JvmSpec {
  /** `kafka`, `taskmanager-1`, … */
  readonly name: string;
  readonly service: ServiceName;
  /** The address to show: host:port or a URL. */
  readonly endpoint?: string;
  /** The keys of its ports, which must be free before it starts. */
  readonly ports: readonly PortKey[];
}

/**
 * The optimizing compiler waits for really hot code, ten times as long as by default (`java -XX:+PrintFlagsFinal`). In the
 * first jobs it used more than half of the TaskManager's CPU time, on two cores that everything else needed.
 */
const late = [
  "-XX:Tier4InvocationThreshold=50000",
  "-XX:Tier4MinInvocationThreshold=6000",
  "-XX:Tier4CompileThreshold=150000",
];

export function serviceSpecs(values: Values, folders: Folders, ports: Ports): ServiceSpec[] {
  const memory = taskManagerMemory(values.TASK_HEAP_MB);
  const heap = memory.framework + memory.heap;
  const endpoints = loopback(ports);
  const flink = (service: ServiceName, name: string, jvm: string[], main: string, args: string[]) => ({
    name,
    service,
    classPath: "cluster" as const,
    jvm: [...flinkModules, ...jvm],
    main,
    args,
  });
  const taskManagers = Array.from({ length: values.TASKMANAGERS }, (_, i) => ({
    ...flink(
      "taskmanager",
      `taskmanager-${i + 1}`,
      [
        `-Xms${heap}m`,
        `-Xmx${heap}m`,
        "-XX:+UseParallelGC",
        ...late,
        `-XX:MaxDirectMemorySize=${memory.frameworkOffHeap + memory.offHeap + memory.network}m`,
        `-XX:MaxMetaspaceSize=${memory.metaspace}m`,
        // Without this option, reading Parquet from files runs out of direct memory, and the job hangs while it looks
        // RUNNING.
        "-Djdk.nio.maxCachedBufferSize=1048576",
      ],
      "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
      ["--configDir", folders.conf],
    ),
    ports: [],
  }));
  return [
    {
      name: "kafka",
      service: "kafka",
      classPath: "broker",
      jvm: [...small, "-Xmx512m"],
      main: "kafka.Kafka",
      args: [join(folders.conf, "server.properties")],
      endpoint: endpoints.kafka,
      ports: ["KAFKA_PORT", "KAFKA_CONTROLLER_PORT"],
    },
    {
      ...flink(
        "jobmanager",
        "jobmanager",
        [...quick, "-Xmx512m", "-XX:MaxMetaspaceSize=256m"],
        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
        ["--configDir", folders.conf],
      ),
      endpoint: endpoints.flink,
      ports: ["FLINK_PORT", "FLINK_RPC_PORT"],
    },
    ...taskManagers,
    {
      name: "gateway",
      service: "gateway",
      ...sqlGatewaySpec(ports.GATEWAY_PORT),
      endpoint: endpoints.gateway,
      ports: ["GATEWAY_PORT"],
    },
    {
      name: "catalog",
      service: "catalog",
      classPath: "catalog",
      jvm: [...quick, "-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"],
      main: "io.pipectl.catalog.CatalogServer",
      args: [
        String(ports.CATALOG_PORT),
        join(folders.catalog, "catalog.db"),
        pathToFileURL(folders.warehouse).href,
      ],
      endpoint: endpoints.catalog,
      ports: ["CATALOG_PORT"],
    },
  ];
}

/** The beginning of this TaskManager's ids in the JobManager's list, for every start of it. */
export const idBegins = (name: string) => `${name}_`;

/**
 * Arguments after the argument file that differ from start to start. A TaskManager with the id of its dead predecessor would
 * be considered dead as soon as the JobManager notices that the predecessor does not answer.
 */
export function startArguments({ service, name }: Pick<ServiceSpec, "service" | "name">): string[] {
  if (service !== "taskmanager") return [];
  return ["-D", `taskmanager.resource-id=${idBegins(name)}${Date.now().toString(36)}`];
}

/** The ports of these services. */
export function portRequests(specs: readonly ServiceSpec[], ports: Ports): PortRequest[] {
  return specs.flatMap(({ name, ports: own }) => own.map((key) => ({ name, key, port: ports[key] })));
}
