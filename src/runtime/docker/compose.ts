import { join } from "node:path";
import type { Config } from "../../config/load.js";
import type { RunOptions } from "../../core/exec.js";
import { portsOf } from "../ports.js";
import type { Docker } from "./docker.js";

/** `docker compose ARGS` for this project's file, with every variable that it names set. */
export type Compose = (args: readonly string[], options?: RunOptions) => Promise<string>;

/**
 * The part of a TaskManager's process memory that is not the jobs' heap, in MB: the sum of the other parts in
 * docker-compose.yml.
 */
const besideTaskHeapMb = 1_408;

const published = ["KAFKA_PORT", "FLINK_PORT", "GATEWAY_PORT", "CATALOG_PORT", "S3_PORT"] as const;

/** @param tag tag of the Flink image; undefined when no container is started */
export function compose(docker: Docker, config: Config, project: string, tag?: string): Compose {
  const { values, root } = config;
  const ports = portsOf(values);
  const variables = {
    ...Object.fromEntries(published.map((key) => [key, String(ports[key])])),
    TASKMANAGERS: String(values.TASKMANAGERS),
    TASK_SLOTS: String(values.TASK_SLOTS),
    TASK_PROCESS_MB: String(values.TASK_HEAP_MB + besideTaskHeapMb),
    PARALLELISM: String(values.PARALLELISM),
    FLINK_IMAGE_TAG: tag ?? "latest",
    // `up` sets the real ones. Without any value Compose refuses the file.
    S3_ACCESS_KEY: values.S3_ACCESS_KEY || "unset",
    S3_SECRET_KEY: values.S3_SECRET_KEY || "unset",
  };
  const file = [
    "compose",
    "-p",
    project,
    "--project-directory",
    root,
    "-f",
    join(root, "docker-compose.yml"),
  ];
  return async (args, options = {}) =>
    await docker([...file, ...args], { ...options, env: { ...variables, ...options.env } });
}
