import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { impatientAdmin, secondBroker } from "../helpers/broker.js";
import { deleteTopic } from "../helpers/kafka.js";
import { diagnosis, heads, refusal } from "../helpers/refusal.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const topic = "taxi.raw_trips";
const via = ["--via", "gateway"];
const said = `topic ${topic} has no leader for partition 1`;
const folder = mkdtempSync(join(tmpdir(), "pipectl-broker-"));
let kill = async () => {};

beforeAll(async () => {
  await emptyStack();
  // Kafka's own topic for groups is made at their first use: on the broker that stays.
  await pipectlJson(["check-lag"]);
  kill = await secondBroker(folder);
  await deleteTopic(topic);
  const admin = impatientAdmin();
  await admin.connect();
  const replicaAssignment = [1, 2, 1].map((node, partition) => ({ partition, replicas: [node] }));
  await admin.createTopics({ topics: [{ topic, replicaAssignment }] });
  await admin.disconnect();
  await pipectlJson(["generate", "--count", "300", "--malformed", "0.02"]);
  await pipectlJson(["process", ...via]);
  await pipectlJson(["generate", "--count", "100", "--seed", "2"]);
  await kill();
  // The controller waits nine seconds for a broker that says nothing; until then its partition counts as led.
  const noticed = async () => (await refusal(["check-lag"])).code === "no_leader";
  await vi.waitUntil(noticed, { timeout: 60_000, interval: 200 });
});
afterAll(async () => {
  await kill();
  // The cluster remembers its second broker, and what was there.
  await pipectl(["down", "--volumes"]);
  rmSync(folder, { recursive: true, force: true });
});

describe("a partition whose only broker was killed", () => {
  test.each([
    ["process", ...via],
    ["process-bronze", ...via],
    ["check-lag"],
    ["generate", "--count", "10"],
    ["create-topics"],
  ])("%s says so within seconds, exit 3, nothing published", async (...args) => {
    const before = await heads();
    expect(await refusal([...args, "--timeout", "20"])).toMatchObject({
      ...{ exitCode: 3, code: "no_leader", message: said },
      hint: expect.stringContaining("pipectl logs kafka"),
    });
    expect(await heads()).toEqual(before);
  });

  test("validate says so in its third stage, which could not look, and makes the others", async () => {
    const { exitCode, stdout } = await pipectl(["validate", "--json", "--timeout", "20"]);
    const { stages } = JSON.parse(stdout) as ValidateResult;
    expect(exitCode).toBe(3);
    expect(stages.map(({ status }) => status)).toEqual(["pass", "pass", "unknown", "pass"]);
    expect(stages[2]?.detail).toBe(said);
  });

  test("doctor names the same", async () => {
    expect(await diagnosis()).toMatch(new RegExp(`^problem +Kafka +${said}$`, "m"));
  });

  test("once its broker is back, process takes what had not landed", async () => {
    kill = await secondBroker(folder);
    await expect
      .poll(async () => (await pipectl(["process", ...via])).exitCode, { timeout: 60_000, interval: 500 })
      .toBe(0);
    expect(await expectExactAccount()).toMatchObject({ produced: 400 });
  });
});
