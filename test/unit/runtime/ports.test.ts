import { describe, expect, it } from "vitest";
import { isFree } from "../../../src/core/free-port.js";
import { portsOf, requireFreePorts } from "../../../src/runtime/ports.js";
import { freePorts } from "../../helpers/ports.js";
import { problemOf } from "../../helpers/problem.js";
import { takenPort } from "../../helpers/taken-port.js";
import { configOf } from "../../helpers/workspace.js";

it("moves every port by PORT_OFFSET", () => {
  expect(portsOf(configOf({ PORT_OFFSET: "100" }).values)).toEqual({
    KAFKA_PORT: 9192,
    KAFKA_CONTROLLER_PORT: 9193,
    FLINK_PORT: 8181,
    FLINK_RPC_PORT: 6223,
    GATEWAY_PORT: 8183,
    CATALOG_PORT: 8281,
    S3_PORT: 9100,
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
    const [kafka, flink] = [await takenPort("127.0.0.1"), await takenPort("0.0.0.0")];
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
