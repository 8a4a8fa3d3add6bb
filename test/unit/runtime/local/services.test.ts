import { describe, expect, it } from "vitest";
import { sqlClientSpec } from "../../../../src/runtime/jvm/sql-gateway.js";
import { foldersOf } from "../../../../src/runtime/local/conf.js";
import { portRequests, serviceSpecs, startArguments } from "../../../../src/runtime/local/services.js";
import { portsOf } from "../../../../src/runtime/ports.js";
import { configOf } from "../../../helpers/workspace.js";

describe("serviceSpecs", () => {
  const { values } = configOf({ TASKMANAGERS: "3", PORT_OFFSET: "7" });
  const ports = portsOf(values);
  const specs = serviceSpecs(values, foldersOf("/state"), ports);

  it("has each service, and so many TaskManagers, each with a name of its own", () => {
    expect(specs.map(({ name }) => name)).toEqual([
      "kafka",
      "jobmanager",
      "taskmanager-1",
      "taskmanager-2",
      "taskmanager-3",
      "gateway",
      "catalog",
    ]);
  });

  it("gives a TaskManager an id that no earlier start of it had, and nothing of the kind to others", async () => {
    const of = (name: string) =>
      startArguments(specs.find((spec) => spec.name === name) ?? (specs[0] as never));
    expect(of("kafka")).toEqual([]);
    const first = of("taskmanager-2");
    expect(first.join(" ")).toMatch(/^-D taskmanager\.resource-id=taskmanager-2_\w+$/);
    await new Promise((resolve) => setTimeout(resolve, 2));
    expect(of("taskmanager-2")).not.toEqual(first);
  });

  it("asks for every port of the settings, under the key that moves it", () => {
    const requests = portRequests(specs, ports).map(({ key, port }) => [key, port]);
    expect(Object.fromEntries(requests)).toEqual({
      KAFKA_PORT: 9099,
      KAFKA_CONTROLLER_PORT: 9100,
      FLINK_PORT: 8088,
      FLINK_RPC_PORT: 6130,
      GATEWAY_PORT: 8090,
      CATALOG_PORT: 8188,
    });
  });

  it("bounds the memory of each JVM", () => {
    for (const { name, jvm } of specs) expect(`${name} ${jvm.join(" ")}`).toMatch(/-Xmx\d+m/);
  });

  it("gives the planner's class path to the gateway and its client only", () => {
    const withPlanner = [...specs, { name: "client", ...sqlClientSpec(ports.GATEWAY_PORT) }].filter(
      ({ classPath }) => classPath === "gateway",
    );
    expect(withPlanner.map(({ name }) => name)).toEqual(["gateway", "client"]);
  });
});
