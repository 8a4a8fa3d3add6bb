import { describe, expect, it } from "vitest";
import { portsOf } from "../../../../src/runtime/local/conf.js";
import { readiness } from "../../../../src/runtime/local/readiness.js";
import type { ServiceSpec } from "../../../../src/runtime/local/services.js";
import { fakeServer, freePorts } from "../../../helpers/server.js";
import { configOf } from "../../../helpers/workspace.js";

/** Looks at one service, all of whose ports are this one. */
async function look(service: ServiceSpec["service"], port: number, name: string = service) {
  const reasons: string[] = [];
  const ports = portsOf(configOf().values);
  const all = Object.fromEntries(Object.keys(ports).map((key) => [key, port])) as unknown as typeof ports;
  const ready = await readiness({ service, name } as ServiceSpec, all, (reason) => reasons.push(reason));
  return { ready, reasons };
}
const portOf = (url: string) => Number(new URL(url).port);
const services = ["kafka", "jobmanager", "taskmanager", "gateway", "catalog"] as const;

describe("readiness", () => {
  it.each(services)("%s is not ready where nobody listens, and says so", async (service) => {
    const [port] = (await freePorts(1)) as [number];
    const { ready, reasons } = await look(service, port);
    expect(ready).toBeUndefined();
    expect(reasons.join()).toContain("ECONNREFUSED");
  });

  it.each(services)("%s is ready when it answers as it should", async (service) => {
    const { url } = await fakeServer(() => ({ body: { taskmanagers: [{ id: "taskmanager" }] } }));
    expect(await look(service, portOf(url))).toEqual({ ready: true, reasons: [] });
  });

  it.each(services.slice(1))("%s is not ready while it answers 503", async (service) => {
    const { url } = await fakeServer(() => ({ status: 503, body: "starting" }));
    const { ready, reasons } = await look(service, portOf(url));
    expect(ready).toBeUndefined();
    expect(reasons.join()).toContain("HTTP 503");
  });

  it("a TaskManager is ready when Flink lists it, not another of a longer name", async () => {
    const { url } = await fakeServer(() => ({ body: { taskmanagers: [{ id: "taskmanager-10" }] } }));
    expect((await look("taskmanager", portOf(url), "taskmanager-10")).ready).toBe(true);
    const { ready, reasons } = await look("taskmanager", portOf(url), "taskmanager-1");
    expect(ready).toBeUndefined();
    expect(reasons).toEqual(["taskmanager-1 has not registered yet"]);
  });
});
