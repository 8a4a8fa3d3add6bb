import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { foldersOf, kafkaClusterId, patientFlink, writeConf } from "../../../../src/runtime/local/conf.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { configOf } from "../../../helpers/workspace.js";

const state = join(temporaryFolder(), 'my "state" é');
const folders = foldersOf(state);
const { values } = configOf({ STATE_DIR: state, PORT_OFFSET: "100", TASK_SLOTS: "5", TASK_HEAP_MB: "777" });
const read = (name: string) => readFileSync(join(folders.conf, name), "utf8");

describe("the configuration files", async () => {
  await writeConf(values, folders);

  it("are YAML for Flink, with every address on the loopback and every port moved", () => {
    const conf = parse(read("config.yaml")) as Record<string, unknown>;
    expect(conf).toMatchObject({
      "rest.port": 8181,
      "jobmanager.rpc.port": 6223,
      "taskmanager.numberOfTaskSlots": 5,
      "taskmanager.memory.task.heap.size": "777m",
    });
    const hosts = Object.entries(conf).filter(([key]) => /address$|host$/.test(key));
    expect(hosts.length).toBeGreaterThanOrEqual(5);
    for (const [, host] of hosts) expect(host).toBe("127.0.0.1");
  });

  it("let Flink's processes wait for one another as long as two busy cores need", () => {
    const conf = parse(read("config.yaml")) as Record<string, string>;
    expect(conf).toMatchObject(patientFlink);
    expect(Object.keys(patientFlink)).toEqual(
      expect.arrayContaining(["pekko.ask.timeout", "web.timeout", "heartbeat.timeout", "client.timeout"]),
    );
  });

  it("name folders that are there, also when the path has spaces, quotes and accents", () => {
    const conf = parse(read("config.yaml")) as Record<string, string>;
    expect(new URL(conf["execution.checkpointing.dir"] as string).pathname).toBe(
      encodeURI(join(folders.checkpoints, "checkpoints")),
    );
    expect(conf["io.tmp.dirs"]).toBe(folders.tmp);
    for (const folder of Object.values(folders)) expect(statSync(folder).isDirectory()).toBe(true);
  });

  it("keep Kafka on the loopback, and create no topic by accident", () => {
    const conf = Object.fromEntries(
      read("server.properties")
        .trim()
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    expect(conf).toMatchObject({
      listeners: "PLAINTEXT://127.0.0.1:9192,CONTROLLER://127.0.0.1:9193",
      "advertised.listeners": "PLAINTEXT://127.0.0.1:9192",
      "controller.quorum.voters": "1@127.0.0.1:9193",
      "log.dirs": folders.kafka,
      "auto.create.topics.enable": "false",
    });
  });

  it("are for the owner's eyes only, and the same for the same settings", async () => {
    const names = ["config.yaml", "server.properties", "log4j.properties"];
    const before = names.map(read);
    await writeConf(values, folders);
    expect(names.map(read)).toEqual(before);
    for (const name of names) expect(statSync(join(folders.conf, name)).mode & 0o077).toBe(0);
    expect(statSync(folders.state).mode & 0o077).toBe(0);
  });
});

it("gives a state folder one cluster id, and another folder another", () => {
  expect(kafkaClusterId(state)).toBe(kafkaClusterId(state));
  expect(kafkaClusterId(state)).not.toBe(kafkaClusterId(`${state}2`));
  // Kafka wants a UUID in base64: 22 characters.
  expect(kafkaClusterId(state)).toMatch(/^[\w-]{22}$/);
});
