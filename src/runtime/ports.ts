import { type AddressInfo, createServer } from "node:net";
import { unavailable } from "../core/errors.js";
import { type Finding, finding } from "../core/finding.js";

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

/** A port of the loopback address that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @throws PipectlError (unavailable) `port_taken` with every taken port, its key, and an offset at which all are free */
export async function requireFreePorts(wanted: readonly PortWish[]): Promise<void> {
  const taken = await takenOf(wanted);
  if (taken.length === 0) return;
  const lines = taken.map(
    ({ port, key, name }) => `port ${port} for ${name} (${key}) is taken by another program`,
  );
  throw unavailable("port_taken", lines.join("\n"), {
    hint: `put another port, or PORT_OFFSET=${await freeOffset(wanted.map(({ port }) => port))}, into .env, then: pipectl up`,
  });
}

/** What `doctor` says of the ports of those services that do not run. */
export async function portsFinding(wanted: () => Promise<readonly PortWish[]>): Promise<Finding> {
  return await finding("Ports", async () => {
    const wishes = await wanted();
    const taken = await takenOf(wishes);
    if (taken.length === 0)
      return { status: "ok", detail: wishes.length === 0 ? "in use by this stack" : "free" };
    return {
      status: "problem",
      detail: `taken by another program: ${taken.map(({ port, key }) => `${port} (${key})`).join(", ")}`,
      hint: "set PORT_OFFSET=100 in .env",
    };
  });
}

async function takenOf(wanted: readonly PortWish[]): Promise<PortWish[]> {
  const taken: PortWish[] = [];
  for (const wish of wanted) if (!(await isFree(wish.port))) taken.push(wish);
  return taken;
}

async function freeOffset(ports: readonly number[]): Promise<number> {
  for (let offset = 100; offset < 40_000; offset += 100) {
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  return 100;
}
