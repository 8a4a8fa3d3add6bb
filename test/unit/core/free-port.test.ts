import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { freePort, isFree } from "../../../src/core/free-port.js";
import { freePorts } from "../../helpers/ports.js";
import { takenPort } from "../../helpers/taken-port.js";

describe("isFree", () => {
  it.each(["127.0.0.1", "0.0.0.0"])("sees a listener on %s", async (host) => {
    expect(await isFree(await takenPort(host))).toBe(false);
  });

  it("holds nothing when it is done", async () => {
    const [port] = (await freePorts(1)) as [number];
    expect(await isFree(port)).toBe(true);
    expect(await isFree(port)).toBe(true);
  });
});

describe("freePort", () => {
  it("is of the system's choice, and nobody listens on it any more", async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    expect((server.address() as AddressInfo).port).toBe(port);
    await new Promise((resolve) => server.close(resolve));
  });
});
