import type { Values } from "../config/schema.js";
import { unavailable } from "../core/errors.js";
import { type Finding, finding } from "../core/finding.js";
import { isFree } from "../core/free-port.js";

const keys = [
  ...(["KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "FLINK_PORT", "FLINK_RPC_PORT"] as const),
  ...(["GATEWAY_PORT", "CATALOG_PORT", "S3_PORT"] as const),
] as const;

/** The setting for a port. */
export type PortKey = (typeof keys)[number];
export type Ports = Readonly<Record<PortKey, number>>;

/** Every port of the stack on this machine, including PORT_OFFSET. */
export function portsOf(values: Values): Ports {
  return Object.fromEntries(keys.map((key) => [key, values[key] + values.PORT_OFFSET])) as Ports;
}

/** The addresses, on this machine, of the services that every local stack has. */
export function loopback(ports: Ports) {
  return {
    kafka: `127.0.0.1:${ports.KAFKA_PORT}`,
    flink: `http://127.0.0.1:${ports.FLINK_PORT}`,
    gateway: `http://127.0.0.1:${ports.GATEWAY_PORT}`,
    catalog: `http://127.0.0.1:${ports.CATALOG_PORT}`,
  };
}

/** A port that must be free before a service starts, and the setting that moves it. */
export interface PortRequest {
  /** The service's name. */
  readonly name: string;
  readonly port: number;
  readonly key: PortKey;
}

/**
 * @throws PipectlError (unavailable) `port_taken` with every taken port, its setting, and an offset at which all ports are
 *   free
 */
export async function requireFreePorts(requests: readonly PortRequest[]): Promise<void> {
  const taken = await takenOf(requests);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ port, key, name }) => `port ${port} for ${name} (${key}) is taken by another program`,
  );
  throw unavailable("port_taken", lines.join("\n"), {
    hint: `put another port, or PORT_OFFSET=${await freeOffset(requests.map(({ port }) => port))}, into .env, then: pipectl up`,
  });
}

/** The finding of `doctor` about the ports of services that are not running. */
export async function portsFinding(requested: () => Promise<readonly PortRequest[]>): Promise<Finding> {
  return await finding("Ports", async () => {
    const requests = await requested();
    const taken = await takenOf(requests);
    if (taken.length === 0)
      return { status: "ok", detail: requests.length === 0 ? "in use by this stack" : "free" };
    return {
      status: "problem",
      detail: `taken by another program: ${taken.map(({ port, key }) => `${port} (${key})`).join(", ")}`,
      hint: "set PORT_OFFSET=100 in .env",
    };
  });
}

async function takenOf(requests: readonly PortRequest[]): Promise<PortRequest[]> {
  const taken: PortRequest[] = [];
  for (const request of requests) if (!(await isFree(request.port))) taken.push(request);
  return taken;
}

async function freeOffset(ports: readonly number[]): Promise<number> {
  for (let offset = 100; offset < 40_000; offset += 100) {
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  return 100;
}
