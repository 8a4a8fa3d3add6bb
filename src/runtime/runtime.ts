import { usage } from "../core/errors.js";
import type { Launch } from "../core/exec.js";
import type { Finding } from "../core/finding.js";
import type { Access } from "../core/http-access.js";
import type { Report } from "../core/report.js";
import type { CatalogAccess } from "../iceberg/catalog.js";
import type { KafkaAccess } from "../kafka/client.js";

export type ServiceName = "kafka" | "s3" | "catalog" | "jobmanager" | "taskmanager" | "gateway";

/** The services' addresses on this machine. */
export interface Endpoints {
  /** host:port */
  readonly kafka: string;
  /** Base URL of the Flink REST API, without a trailing slash; likewise the two below. */
  readonly flink: string;
  /** Only when the runtime has a gateway that runs permanently. */
  readonly gateway?: string;
  readonly catalog: string;
  /** Base URL of the S3 server, if the runtime has one. */
  readonly s3?: string;
  /** URI of the folder that holds the tables. */
  readonly warehouse: string;
}

/** The addresses for Flink's own processes, which SQL must name. */
export interface Inside {
  /** host:port; several are separated by commas. */
  readonly kafka: string;
  /** Further properties of Flink's Kafka client. */
  readonly kafkaProperties: Readonly<Record<string, string>>;
  /** Properties of the Iceberg catalog: its URI, the warehouse, and how files are read and written. */
  readonly catalog: Readonly<Record<string, string>>;
  /** The values of `${NAME}` in any of them. They are inserted when a statement is sent, so that no file contains a secret. */
  readonly secrets: Readonly<Record<string, string>>;
  /** URI for the checkpoints of streams; it overrides Flink's own setting. */
  readonly checkpointDir?: string;
}

/** The credentials for servers that pipectl does not manage. */
export interface AccessTo {
  readonly kafka?: KafkaAccess;
  readonly flink?: Access;
  readonly catalog?: CatalogAccess;
  /** URI for savepoints; it overrides Flink's own setting. */
  readonly savepointDir?: string;
}

/** A SQL gateway, and the credentials for it. */
export interface GatewayAddress {
  readonly url: string;
  readonly access?: Access;
}

/** A file system that the stack writes to. */
export interface Disk {
  /** The first of the stack's folders that is on it. */
  readonly path: string;
  readonly freeBytes: number;
}

/**
 * With less free space a run may fill the disk: with Kafka's segments, and with a job's files before those of an older run are
 * deleted.
 */
export const leastFreeBytes = 2e9;

/** `unreachable` is the state of a service that pipectl does not manage and that does not answer: it may be stopped. */
export type ServiceState = "running" | "starting" | "stopped" | "unreachable";

export interface ServiceStatus {
  /** The name, with a number if there are several: `taskmanager-2`. */
  readonly name: string;
  readonly service: ServiceName;
  readonly state: ServiceState;
  readonly pid?: number;
  /** Name of its container. */
  readonly container?: string;
  readonly endpoint?: string;
  /** Resident memory in bytes, if the system reports it. */
  readonly memoryBytes?: number;
}

/** A checkpoint that was kept after its job ended. */
export interface RetainedCheckpoint {
  /** Its number within the job. */
  readonly id: number;
  /** The path under which Flink finds it. */
  readonly path: string;
}

/** Operations on services that pipectl starts itself. */
export interface Managed {
  /** Starts the services that are not running, and returns when every process has started and answers. Idempotent. */
  up(report: Report, signal: AbortSignal): Promise<{ started: string[]; alreadyRunning: string[] }>;
  /** Stops the whole stack; with `volumes`, also deletes its data. Idempotent. */
  down(
    options: { readonly volumes: boolean },
    report: Report,
    signal: AbortSignal,
  ): Promise<{ stopped: string[]; deleted: string[] }>;
  /**
   * Passes the last lines of the services' logs to `onLine`, and with `follow` new ones until `signal` aborts.
   *
   * @returns the number of logs
   */
  logs(
    options: { readonly service: string | undefined; readonly lines: number; readonly follow: boolean },
    onLine: (service: string, line: string) => void,
    signal: AbortSignal,
  ): Promise<number>;
}

/** What a warm-up needs from the runtime. */
export interface WarmUp {
  /** A folder that this process and all of the stack's processes can access. `down` empties it. */
  readonly scratch: string;
  /** The name under which a process counts as part of the stack, so that `down` ends it. */
  processName(name: string): string;
  /**
   * Has services save the class data that speeds up their next start, if they have not done so.
   *
   * @returns the services that did
   */
  keepClassData(signal: AbortSignal): Promise<string[]>;
}

/**
 * The place where the services run. Every command behaves the same on all runtimes, but not every runtime has each optional
 * member.
 */
export interface Runtime {
  readonly kind: "local" | "docker" | "remote";
  readonly endpoints: Endpoints;
  readonly inside: Inside;
  readonly access: AccessTo;
  /** Folder for pipectl's records of this stack (locks, run records). Each runtime has its own. */
  readonly home: string;
  services(): Promise<ServiceStatus[]>;
  /** The SQL gateway. If none runs permanently, one is started for this command. */
  gateway(signal: AbortSignal): Promise<GatewayAddress>;
  /** How to start the Flink SQL client against that gateway, reading statements from standard input. */
  sqlClient(signal: AbortSignal): Promise<Launch>;
  /** Path of the jar with pipectl's own Flink jobs. */
  jobJar(): Promise<string>;
  /** The complete checkpoints that a job has left, newest first. */
  checkpoints(job: string): Promise<readonly RetainedCheckpoint[]>;
  /** Checks what this runtime needs of the machine. Changes nothing. */
  diagnose(): Promise<Finding[]>;

  /** Undefined when somebody else operates the services: nothing is started or stopped, and `unmanaged` gives the reason. */
  readonly managed?: Managed;
  readonly unmanaged?: string;
  /** Iceberg's jar for the warehouse's storage, which an unmanaged Flink must have; undefined when unknown. */
  readonly storageBundle?: string;
  /** Undefined when a warm-up would not help. */
  readonly warmUp?: WarmUp;
  /** The file systems that the stack writes to, if they are visible from this machine. */
  disks?(): Promise<readonly Disk[]>;
  /** Ends what was started only for this command. */
  close?(): Promise<void>;
}

/** @throws PipectlError (usage) `not_ours` when somebody else operates the services; its message says that pipectl `refuses` */
export function requireManaged({ managed, unmanaged }: Runtime, refuses: string): Managed {
  if (managed !== undefined) return managed;
  throw usage("not_ours", `${unmanaged}, and ${refuses}`, {
    hint: "pipectl stop ends the streams; another RUNTIME in .env has a stack of its own",
  });
}
