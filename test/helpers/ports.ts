import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that Linux gives to outgoing connections, one of which may be there before a stack's JVM is. */
const testPorts = { from: 12_000, to: 32_000 };

/** Ports that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = randomInt(testPorts.from, testPorts.to);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    found.add(port);
    await new Promise((resolve) => server.close(resolve));
  }
  return [...found];
}
