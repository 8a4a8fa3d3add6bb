import { describe, expect, it } from "vitest";
import { foldersOf, portsOf } from "../../../../src/runtime/local/conf.js";
import {
  argumentFile,
  serviceSpecs,
  sqlClientSpec,
  startArguments,
} from "../../../../src/runtime/local/services.js";
import { configOf } from "../../../helpers/workspace.js";

/** As the `java` launcher reads a quoted word of an argument file: a backslash stands before the character it means. */
const wordsOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => {
      expect(line).toMatch(/^"(?:[^"\\]|\\.)*"$/);
      return line.slice(1, -1).replace(/\\(.)/g, "$1");
    });

describe("argumentFile", () => {
  const classPaths = {
    cluster: ["/my lib/a.jar", '/it\'s "here"/b.jar', "C:\\jars\\c.jar"],
    gateway: [],
    broker: ["/broker.jar"],
    catalog: [],
  };
  const log = { conf: "/my conf/log4j.properties", file: "/log/#1 $HOME.log" };

  it("keeps spaces, quotes, backslashes and signs in every word", () => {
    const spec = {
      classPath: "cluster",
      jvm: ["-Xmx1g", '-Dx="y z"'],
      main: "a.Main",
      args: ["--dir", "/a b", "#c", ""],
    } as const;
    expect(wordsOf(argumentFile(spec, classPaths, log, []))).toEqual([
      "-Xmx1g",
      '-Dx="y z"',
      "-Dlog4j.configurationFile=/my conf/log4j.properties",
      "-Dpipectl.log=/log/#1 $HOME.log",
      "-cp",
      '/my lib/a.jar:/it\'s "here"/b.jar:C:\\jars\\c.jar',
      "a.Main",
      "--dir",
      "/a b",
      "#c",
      "",
    ]);
  });

  it("takes the class path of its own kind", () => {
    const words = wordsOf(
      argumentFile({ classPath: "broker", jvm: [], main: "m", args: [] }, classPaths, log, []),
    );
    expect(words[words.indexOf("-cp") + 1]).toBe("/broker.jar");
  });
});

describe("serviceSpecs", () => {
  const { values } = configOf({ TASKMANAGERS: "3", PORT_OFFSET: "7" });
  const specs = serviceSpecs(values, foldersOf("/state"), portsOf(values));

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
    const wanted = Object.fromEntries(
      specs.flatMap(({ ports }) => ports.map(({ port, key }) => [key, port])),
    );
    expect(wanted).toEqual({
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
    const withPlanner = [...specs, { name: "client", ...sqlClientSpec(portsOf(values).gateway) }].filter(
      ({ classPath }) => classPath === "gateway",
    );
    expect(withPlanner.map(({ name }) => name)).toEqual(["gateway", "client"]);
  });

  it("points the SQL client at the gateway", () => {
    expect(sqlClientSpec(portsOf(values).gateway).args.join(" ")).toContain("127.0.0.1:8090");
  });
});
