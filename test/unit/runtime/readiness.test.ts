import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { listedTaskManagers, readiness } from "../../../src/runtime/readiness.js";
import type { Endpoints, ServiceName } from "../../../src/runtime/runtime.js";
import { freePorts } from "../../helpers/ports.js";
import { fakeServer } from "../../helpers/server.js";

/** Looks at one service, all of whose addresses are this one. */
async function look(service: ServiceName, port: number, registeredAs = "", dead: readonly string[] = []) {
  const reasons: string[] = [];
  const url = `http://127.0.0.1:${port}`;
  const endpoints: Endpoints = {
    kafka: `127.0.0.1:${port}`,
    flink: url,
    gateway: url,
    catalog: url,
    s3: url,
    warehouse: "file:///w",
  };
  const probe = { service, name: service, registeredAs, dead };
  const ready = await readiness(probe, endpoints, (reason) => reasons.push(reason));
  return { ready, reasons: reasons.join() };
}

/** A TCP server that does this with each connection. */
async function listener(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const portOf = (url: string) => Number(new URL(url).port);
const overHttp = ["s3", "catalog", "jobmanager", "taskmanager", "gateway"] as const;

describe("readiness", () => {
  it.each(["kafka", ...overHttp] as const)(
    "%s is not ready where nobody listens, and says so",
    async (service) => {
      const [port] = (await freePorts(1)) as [number];
      const { ready, reasons } = await look(service, port);
      expect(ready).toBeUndefined();
      expect(reasons).toContain("ECONNREFUSED");
    },
  );

  it.each(overHttp)("%s is ready when it answers, and not while it answers 503", async (service) => {
    const good = await fakeServer(() => ({ body: {} }));
    expect(await look(service, portOf(good.url))).toEqual({ ready: true, reasons: "" });
    const bad = await fakeServer(() => ({ status: 503, body: "starting" }));
    const { ready, reasons } = await look(service, portOf(bad.url));
    expect(ready).toBeUndefined();
    expect(reasons).toContain("HTTP 503");
  });

  it("a TaskManager is not ready while Flink still lists a dead one", async () => {
    const { url } = await fakeServer(() => ({ body: { taskmanagers: [{ id: "tm_2" }, { id: "other_1" }] } }));
    const lookFor = async (...dead: string[]) =>
      (await look("taskmanager", portOf(url), '"id":"tm_', dead)).ready;
    expect([await lookFor("other_1"), await lookFor("tm_1")]).toEqual([undefined, true]);
  });

  it("lists the TaskManagers that Flink knows, and none where it does not answer", async () => {
    const one = {
      id: "172.18.0.5:34117-0c4cf7",
      path: "pekko.tcp://flink@172.18.0.5:34117/user/rpc/taskmanager_0",
    };
    const { url } = await fakeServer(() => ({ body: { taskmanagers: [{ ...one, slotsNumber: 8 }] } }));
    expect(await listedTaskManagers({ flink: url })).toMatchObject([one]);
    const bad = await fakeServer(() => ({ status: 503, body: "starting" }));
    expect(await listedTaskManagers({ flink: bad.url })).toEqual([]);
    const [port] = (await freePorts(1)) as [number];
    expect(await listedTaskManagers({ flink: `http://127.0.0.1:${port}` })).toEqual([]);
  });

  it("a TaskManager is ready when Flink lists it, not another of a longer name", async () => {
    const { url } = await fakeServer(() => ({ body: { taskmanagers: [{ id: "taskmanager-10" }] } }));
    expect((await look("taskmanager", portOf(url), '"id":"taskmanager-10"')).ready).toBe(true);
    const { ready, reasons } = await look("taskmanager", portOf(url), '"id":"taskmanager-1"');
    expect(ready).toBeUndefined();
    expect(reasons).toBe("taskmanager has not registered yet");
  });

  it("Kafka is ready when it answers the request for its API versions", async () => {
    const port = await listener((socket) =>
      socket.once("data", (request) => {
        expect(request.toString("hex")).toBe("0000000a0012000000000001ffff");
        socket.end(Buffer.from("00000006000000010000", "hex"));
      }),
    );
    expect((await look("kafka", port)).ready).toBe(true);
  });

  it.each([
    ["closes at once, as Docker's proxy does in front of no broker", (socket: Socket) => void socket.end()],
    ["says nothing", () => {}],
    ["answers something else", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ])("Kafka is not ready where a listener %s", async (_what, onConnection) => {
    const { ready, reasons } = await look("kafka", await listener(onConnection));
    expect(ready).toBeUndefined();
    expect(reasons).toContain("127.0.0.1:");
  });
});
