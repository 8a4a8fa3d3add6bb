import type { Finding } from "../core/finding.js";
import type { Report } from "../core/report.js";

export type ServiceName = "kafka" | "jobmanager" | "taskmanager" | "gateway" | "catalog";

export interface Endpoints {
  /** host:port */
  readonly kafka: string;
  /** Base URL of the Flink REST API, without a slash at the end; likewise the two below. */
  readonly flink: string;
  readonly gateway: string;
  readonly catalog: string;
  /** URI below which the tables lie, as Flink sees it. */
  readonly warehouse: string;
}

export type ServiceState = "running" | "starting" | "stopped";

export interface ServiceStatus {
  /** The name, with a number behind it where there are several: `taskmanager-2`. */
  readonly name: string;
  readonly service: ServiceName;
  readonly state: ServiceState;
  readonly pid?: number;
  readonly endpoint?: string;
  /** Bytes resident in memory, where the system tells. */
  readonly memoryBytes?: number;
}

/** A program to talk to, and how it is started; see core/exec `startDialogue`. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Where the services run. Every command above this interface behaves the same on all runtimes. */
export interface Runtime {
  readonly kind: "local";
  readonly endpoints: Endpoints;

  /** Starts what does not run yet; returns when every process has been started and answers. Idempotent. */
  up(report: Report, signal: AbortSignal): Promise<{ started: string[]; alreadyRunning: string[] }>;
  /** Stops everything of this stack; with `volumes`, deletes its data too. Idempotent. */
  down(
    options: { readonly volumes: boolean },
    report: Report,
    signal: AbortSignal,
  ): Promise<{ stopped: string[]; deleted: string[] }>;
  services(): Promise<ServiceStatus[]>;
  /** The files that a service (or all of them) logs to, newest last, with the service's name. */
  logFiles(service?: string): Promise<{ name: string; path: string }[]>;
  /** How to start the Flink SQL client against this stack's gateway, reading statements from standard input. */
  sqlClient(): Promise<Launch>;
  /** Path of the jar with our own Flink jobs. */
  jobJar(): Promise<string>;
  /** Checks what this runtime needs of the machine. Changes nothing. */
  diagnose(): Promise<Finding[]>;
}
