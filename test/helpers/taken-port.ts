import { type AddressInfo, createServer } from "node:net";
import { onTestFinished } from "vitest";

/** A port that somebody listens on until the test has finished. */
export async function takenPort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
