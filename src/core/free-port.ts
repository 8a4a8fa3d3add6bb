import { type AddressInfo, createServer } from "node:net";

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
