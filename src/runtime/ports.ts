import { createServer } from "node:net";
import { unavailable } from "../core/errors.js";

/** A port that must be free before a service starts, and the key that moves it. */
export interface PortWish {
  readonly name: string;
  readonly port: number;
  readonly key: string;
}

/** True when nobody listens on the port of the loopback address, nor on every address. */
export async function isFree(port: number): Promise<boolean> {
  const tryOn = async (host: string) =>
    await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
    });
  return (await tryOn("127.0.0.1")) && (await tryOn("0.0.0.0"));
}

/** @throws PipectlError (unavailable) `port_taken` with every taken port, its key, and an offset at which all are free */
export async function requireFreePorts(wanted: readonly PortWish[]): Promise<void> {
  const taken: string[] = [];
  for (const { port, key, name } of wanted) {
    if (!(await isFree(port))) taken.push(`port ${port} for ${name} (${key}) is taken by another program`);
  }
  if (taken.length === 0) return;
  throw unavailable("port_taken", taken.join("\n"), {
    hint: `put another port, or PORT_OFFSET=${await freeOffset(wanted.map(({ port }) => port))}, into .env, then: pipectl up`,
  });
}

async function freeOffset(ports: readonly number[]): Promise<number> {
  for (let offset = 100; offset < 40_000; offset += 100) {
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  return 100;
}
