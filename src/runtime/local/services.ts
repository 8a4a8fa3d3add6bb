import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Values } from "../../config/schema.js";
import type { PortWish } from "../ports.js";
import type { ServiceName } from "../runtime.js";
import { type Folders, type Ports, taskManagerMemory } from "./conf.js";
import type { ClassPathName, ClassPaths } from "./jars.js";

/** How one JVM of the stack is started, and how one sees that it works. */
export interface ServiceSpec {
  /** `kafka`, `taskmanager-1`, … */
  readonly name: string;
  readonly service: ServiceName;
  readonly classPath: ClassPathName;
  /** Options of the JVM, without class path and log settings. */
  readonly jvm: readonly string[];
  readonly main: string;
  readonly args: readonly string[];
  /** Shown to people; host:port or a URL. */
  readonly endpoint?: string;
  /** Ports that must be free before it starts, with the key that moves them. */
  readonly ports: readonly Omit<PortWish, "name">[];
}

/** Small JVMs start and idle best with one collector thread and the quick compiler. */
const small = ["-XX:+UseSerialGC"];
const quick = [...small, "-XX:TieredStopAtLevel=1"];

/**
 * The thorough compiler waits for code that is really hot, ten times as long as by default (`java -XX:+PrintFlagsFinal`).
 * In the first jobs it took more than half of the TaskManager's time, from everything else on two cores.
 */
const late = [
  "-XX:Tier4InvocationThreshold=50000",
  "-XX:Tier4MinInvocationThreshold=6000",
  "-XX:Tier4CompileThreshold=150000",
];

/** The `--add-exports`/`--add-opens` that Flink's own scripts give every JVM (`env.java.opts.all`, Flink 2.1). */
const flinkModules = [
  ...["java.rmi/sun.rmi.registry", "java.security.jgss/sun.security.krb5"],
  ...["api", "file", "parser", "tree", "util"].map((name) => `jdk.compiler/com.sun.tools.javac.${name}`),
]
  .map((name) => `--add-exports=${name}=ALL-UNNAMED`)
  .concat(
    [
      ...["lang", "lang.reflect", "net", "io", "nio", "text", "time", "util"].map((name) => `java.${name}`),
      ...["util.concurrent", "util.concurrent.atomic", "util.concurrent.locks"].map((name) => `java.${name}`),
      "sun.nio.ch",
    ].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  );

export function serviceSpecs(values: Values, folders: Folders, ports: Ports): ServiceSpec[] {
  const memory = taskManagerMemory(values.TASK_HEAP_MB);
  const heap = memory.framework + memory.heap;
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
        // Without it, reading Parquet from files runs out of direct memory and the job hangs while it looks RUNNING.
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
      endpoint: `127.0.0.1:${ports.kafka}`,
      ports: [
        { port: ports.kafka, key: "KAFKA_PORT" },
        { port: ports.kafkaController, key: "KAFKA_CONTROLLER_PORT" },
      ],
    },
    {
      ...flink(
        "jobmanager",
        "jobmanager",
        [...quick, "-Xmx512m", "-XX:MaxMetaspaceSize=256m"],
        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
        ["--configDir", folders.conf],
      ),
      endpoint: `http://127.0.0.1:${ports.flink}`,
      ports: [
        { port: ports.flink, key: "FLINK_PORT" },
        { port: ports.flinkRpc, key: "FLINK_RPC_PORT" },
      ],
    },
    ...taskManagers,
    {
      ...flink("gateway", "gateway", [...quick, "-Xmx512m"], "org.apache.flink.table.gateway.SqlGateway", [
        "-Dsql-gateway.endpoint.rest.address=127.0.0.1",
        "-Dsql-gateway.endpoint.rest.bind-address=127.0.0.1",
        `-Dsql-gateway.endpoint.rest.port=${ports.gateway}`,
      ]),
      classPath: "gateway",
      endpoint: `http://127.0.0.1:${ports.gateway}`,
      ports: [{ port: ports.gateway, key: "GATEWAY_PORT" }],
    },
    {
      name: "catalog",
      service: "catalog",
      classPath: "catalog",
      jvm: [...quick, "-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"],
      main: "io.pipectl.catalog.CatalogServer",
      args: [
        String(ports.catalog),
        join(folders.catalog, "catalog.db"),
        pathToFileURL(folders.warehouse).href,
      ],
      endpoint: `http://127.0.0.1:${ports.catalog}`,
      ports: [{ port: ports.catalog, key: "CATALOG_PORT" }],
    },
  ];
}

/** How the JobManager's list begins the id of this TaskManager, whichever start of it. */
export const idBegins = (name: string) => `${name}_`;

/**
 * Words behind the argument file that differ from start to start: a TaskManager with the id of its dead predecessor is
 * taken for dead, too, as soon as the JobManager notices that that one does not answer.
 */
export function startArguments({ service, name }: Pick<ServiceSpec, "service" | "name">): string[] {
  if (service !== "taskmanager") return [];
  return ["-D", `taskmanager.resource-id=${idBegins(name)}${Date.now().toString(36)}`];
}

/** The ports of these services. */
export function portWishes(specs: readonly ServiceSpec[]): PortWish[] {
  return specs.flatMap(({ name, ports }) => ports.map((port) => ({ ...port, name })));
}

/** What a SQL gateway and a SQL client are started with, wherever Flink runs: they start often and do little. */
export const gatewayJvm: readonly string[] = [...flinkModules, ...quick];

/**
 * The SQL client: starts for every run, so it starts as lean as a JVM can. It keeps no history of its statements, which are
 * nobody's to read again, and may hold passwords.
 *
 * @param port of the gateway on this machine
 */
export function sqlClientSpec(port: number): Pick<ServiceSpec, "classPath" | "jvm" | "main" | "args"> {
  return {
    classPath: "gateway",
    jvm: [...gatewayJvm, "-Xmx256m"],
    main: "org.apache.flink.table.client.SqlClient",
    args: ["gateway", "-e", `127.0.0.1:${port}`, "-hist", "/dev/null"],
  };
}

/** The text of a Java argument file: everything behind `java @file`. */
export function argumentFile(
  spec: Pick<ServiceSpec, "classPath" | "jvm" | "main" | "args">,
  classPaths: ClassPaths,
  log: { readonly conf: string; readonly file: string },
  archive: readonly string[],
): string {
  const words = [
    ...spec.jvm,
    ...archive,
    `-Dlog4j.configurationFile=${log.conf}`,
    `-Dpipectl.log=${log.file}`,
    "-cp",
    classPaths[spec.classPath].join(":"),
    spec.main,
    ...spec.args,
  ];
  return words.map((word) => `"${word.replace(/["\\]/g, "\\$&")}"\n`).join("");
}
