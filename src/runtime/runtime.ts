import { usage } from "../core/errors.js";
import type { Launch } from "../core/exec.js";
import type { Finding } from "../core/finding.js";
import type { Access } from "../core/http-access.js";
import type { Report } from "../core/report.js";
import type { CatalogAccess } from "../iceberg/catalog.js";
import type { KafkaAccess } from "../kafka/client.js";

export type ServiceName = "kafka" | "s3" | "catalog" | "jobmanager" | "taskmanager" | "gateway";

/** Where this machine reaches the services. */
export interface Endpoints {
  /** host:port */
  readonly kafka: string;
  /** Base URL of the Flink REST API, without a slash at the end; likewise the two below. */
  readonly flink: string;
  /** Where the runtime has one that runs all the time. */
  readonly gateway?: string;
  readonly catalog: string;
  /** Base URL of the S3 server, where the runtime has one. */
  readonly s3?: string;
  /** URI below which the tables lie. */
  readonly warehouse: string;
}

/** Where Flink's own processes reach them: what SQL must name. */
export interface Inside {
  /** host:port, several with commas between them */
  readonly kafka: string;
  /** Further properties of Flink's Kafka client. */
  readonly kafkaProperties: Readonly<Record<string, string>>;
  /** Properties of the Iceberg catalog: its URI, the warehouse, how files are read and written. */
  readonly catalog: Readonly<Record<string, string>>;
  /** What stands for `${NAME}` in any of them. It is put in when a statement is sent: no file ever holds a secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** URI for the checkpoints of streams, before that of Flink's own settings. */
  readonly checkpointDir?: string;
}

/** What servers that pipectl does not manage want of those who call them. */
export interface AccessTo {
  readonly kafka?: KafkaAccess;
  readonly flink?: Access;
  readonly catalog?: CatalogAccess;
  /** URI for savepoints, before that of Flink's own settings. */
  readonly savepointDir?: string;
}

/** A SQL gateway, and what it wants of those who call it. */
export interface GatewayAddress {
  readonly url: string;
  readonly access?: Access;
}

/** A file system that the stack writes to. */
export interface Disk {
  /** The first folder of the stack that lies on it. */
  readonly path: string;
  readonly freeBytes: number;
}

/** Of less, a run may use up all: Kafka's segments, and a job's files before those of an older run go. */
export const leastFreeBytes = 2e9;

/** `unreachable`: of a service that pipectl does not manage, and that cannot be told from one that is stopped. */
export type ServiceState = "running" | "starting" | "stopped" | "unreachable";

export interface ServiceStatus {
  /** The name, with a number behind it where there are several: `taskmanager-2`. */
  readonly name: string;
  readonly service: ServiceName;
  readonly state: ServiceState;
  readonly pid?: number;
  /** Name of its container. */
  readonly container?: string;
  readonly endpoint?: string;
  /** Bytes resident in memory, where the system tells. */
  readonly memoryBytes?: number;
}

/** A checkpoint that is still there when its job is not. */
export interface RetainedCheckpoint {
  /** Its number within the job. */
  readonly id: number;
  /** Where Flink finds it. */
  readonly path: string;
}

/** What pipectl does with services that it has started itself. */
export interface Managed {
  /** Starts what does not run yet; returns when every process has been started and answers. Idempotent. */
  up(report: Report, signal: AbortSignal): Promise<{ started: string[]; alreadyRunning: string[] }>;
  /** Stops everything of this stack; with `volumes`, deletes its data too. Idempotent. */
  down(
    options: { readonly volumes: boolean },
    report: Report,
    signal: AbortSignal,
  ): Promise<{ stopped: string[]; deleted: string[] }>;
  /**
   * Hands the last lines of the services' logs to `onLine`, and with `follow` those that come, until `signal` aborts.
   *
   * @returns the number of logs that there are
   */
  logs(
    options: { readonly service: string | undefined; readonly lines: number; readonly follow: boolean },
    onLine: (service: string, line: string) => void,
    signal: AbortSignal,
  ): Promise<number>;
}

/** What a warm-up needs. */
export interface WarmUp {
  /** A folder that all of the stack's processes and this one see, emptied by `down`. */
  readonly scratch: string;
  /** What a process must be called to be one of the stack: `down` ends it. */
  processName(name: string): string;
  /**
   * Has services keep what makes their next start quicker, where they have not yet.
   *
   * @returns those that did
   */
  keepClassData(signal: AbortSignal): Promise<string[]>;
}

/** Where the services run. Every command above this interface behaves the same on all runtimes; not all have every optional member. */
export interface Runtime {
  readonly kind: "local" | "docker" | "remote";
  readonly endpoints: Endpoints;
  readonly inside: Inside;
  readonly access: AccessTo;
  /** Folder of what pipectl remembers about this stack (locks, run records): one runtime never reads another's. */
  readonly home: string;
  services(): Promise<ServiceStatus[]>;
  /** The SQL gateway; where none runs all the time, one is started for this command. */
  gateway(signal: AbortSignal): Promise<GatewayAddress>;
  /** How to start the Flink SQL client against that gateway, reading statements from standard input. */
  sqlClient(signal: AbortSignal): Promise<Launch>;
  /** Path of the jar with our own Flink jobs. */
  jobJar(): Promise<string>;
  /** The complete checkpoints that a job has left, the newest first. */
  checkpoints(job: string): Promise<readonly RetainedCheckpoint[]>;
  /** Checks what this runtime needs of the machine. Changes nothing. */
  diagnose(): Promise<Finding[]>;

  /** Missing where somebody else operates the services: nothing is started or stopped then, and `unmanaged` says why. */
  readonly managed?: Managed;
  readonly unmanaged?: string;
  /** Iceberg's jar for the warehouse's storage that an unmanaged Flink must have, where that is known. */
  readonly storageBundle?: string;
  /** Missing where a warm-up would gain nothing. */
  readonly warmUp?: WarmUp;
  /** The file systems that the stack writes to, where they are seen from here. */
  disks?(): Promise<readonly Disk[]>;
  /** Ends what was started for this command only. */
  close?(): Promise<void>;
}

/** @throws PipectlError (usage) `not_ours` where somebody else operates the services; it says that pipectl `refuses` */
export function requireManaged({ managed, unmanaged }: Runtime, refuses: string): Managed {
  if (managed !== undefined) return managed;
  throw usage("not_ours", `${unmanaged}, and ${refuses}`, {
    hint: "pipectl stop ends the streams; another RUNTIME in .env has a stack of its own",
  });
}
