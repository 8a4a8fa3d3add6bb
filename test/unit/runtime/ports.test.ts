import { type AddressInfo, createServer, type Server } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { isFree, requireFreePorts } from "../../../src/runtime/ports.js";
import { freePorts } from "../../helpers/ports.js";
import { problemOf } from "../../helpers/problem.js";

async function taken(host: string): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe("isFree", () => {
  it.each(["127.0.0.1", "0.0.0.0"])("sees a listener on %s", async (host) => {
    expect(await isFree(await taken(host))).toBe(false);
  });

  it("holds nothing when it is done", async () => {
    const [port] = (await freePorts(1)) as [number];
    expect(await isFree(port)).toBe(true);
    expect(await isFree(port)).toBe(true);
  });
});

describe("requireFreePorts", () => {
  it("is content with free ports, and with none", async () => {
    const [a, b] = (await freePorts(2)) as [number, number];
    await requireFreePorts([
      { name: "kafka", port: a, key: "KAFKA_PORT" },
      { name: "kafka", port: b, key: "KAFKA_CONTROLLER_PORT" },
    ]);
    await requireFreePorts([]);
  });

  it("lists every taken port with service and key, and an offset at which all are free", async () => {
    const [kafka, flink] = [await taken("127.0.0.1"), await taken("0.0.0.0")];
    const [free] = (await freePorts(1)) as [number];
    const error = await problemOf(() =>
      requireFreePorts([
        { name: "kafka", port: kafka, key: "KAFKA_PORT" },
        { name: "kafka", port: free, key: "KAFKA_CONTROLLER_PORT" },
        { name: "jobmanager", port: flink, key: "FLINK_PORT" },
      ]),
    );
    expect(error).toMatchObject({ kind: "unavailable", code: "port_taken", exitCode: 3 });
    expect(error.message.split("\n")).toEqual([
      `port ${kafka} for kafka (KAFKA_PORT) is taken by another program`,
      `port ${flink} for jobmanager (FLINK_PORT) is taken by another program`,
    ]);
    const offset = Number(/PORT_OFFSET=(\d+)/.exec(error.hint ?? "")?.[1]);
    for (const port of [kafka, flink, free]) expect(await isFree(port + offset)).toBe(true);
  });
});
