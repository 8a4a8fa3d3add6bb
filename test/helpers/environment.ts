import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "./ports.js";

export const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/** The environment that points pipectl at the tests' own stack; `test/e2e/setup.ts` chooses it. */
export type StackEnvironment = Record<string, string>;

/** Settings for a stack of its own on free ports, with its state in `stateDir`. */
export async function stackEnvironment(stateDir: string): Promise<StackEnvironment> {
  const keys = [
    "KAFKA_PORT",
    "KAFKA_CONTROLLER_PORT",
    "FLINK_PORT",
    "FLINK_RPC_PORT",
    "GATEWAY_PORT",
    "CATALOG_PORT",
    "S3_PORT",
  ];
  const ports = await freePorts(keys.length);
  await mkdir(dirname(stateDir), { recursive: true });
  return {
    STATE_DIR: stateDir,
    RUNTIME: "local",
    // Vitest has a MODE of its own in the environment.
    MODE: "batch",
    NO_COLOR: "1",
    // It would share the machine's two cores with the tests; one of them does it by itself.
    WARM_UP: "false",
    ...Object.fromEntries(keys.map((key, i) => [key, String(ports[i])])),
  };
}
