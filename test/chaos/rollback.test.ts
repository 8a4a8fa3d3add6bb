import kafkajs from "kafkajs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Tables } from "../../src/lake/tables.js";
import type { RollbackPlan } from "../../src/pipeline/maintain/rollback-plan.js";
import type { SnapshotList } from "../../src/pipeline/maintain/snapshots.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, expectExactSilver, readTable, tableIds } from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const streaming = {
  env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "500ms", SUBMIT_VIA: "gateway" },
};
const batch = { env: { SUBMIT_VIA: "gateway" } };
const generate = async (count: number, seed: number) =>
  await pipectlJson(["generate", "--count", String(count), "--malformed", "0.1", "--seed", String(seed)]);
const historyOf = async (kind: keyof Tables) => {
  const { tables } = await pipectlJson<{ tables: SnapshotList[] }>(["snapshots", kind]);
  return (tables[0]?.snapshots ?? []).filter(({ inHistory }) => inHistory).map(({ id }) => id);
};
const rollback = async (kind: keyof Tables, to: string | undefined, answer = "--yes") =>
  await pipectlJson<RollbackPlan & { done: boolean }>(["rollback", kind, "--to", to ?? "none", answer]);
const mainOf = async (kind: keyof Tables) => (await catalogClient().table(tableIds[kind]))?.refs.main;
const verdict = async (...args: string[]) => {
  const { exitCode, stdout } = await pipectl(["validate", "--json", ...args], batch);
  return [exitCode, (JSON.parse(stdout) as ValidateResult).status];
};

beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

test("what batch runs have published goes out of sight and back, or is taken again, exactly", async () => {
  for (const seed of [1, 2]) {
    await generate(300, seed);
    await pipectlJson(["process"], batch);
  }
  const history = { bronze: await historyOf("bronze"), dlq: await historyOf("dlq") };
  expect(history.bronze).toHaveLength(2);
  const [newest, oldest] = history.bronze;
  const refused = await pipectl(["rollback", "bronze", "--to", oldest as string]);
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("--yes")]);
  expect(await rollback("bronze", oldest, "--dry-run")).toMatchObject({ done: false, silverAnew: true });
  expect(await mainOf("bronze")).toBe(newest);

  await rollback("bronze", oldest);
  expect(await mainOf("bronze")).toBe(oldest);
  expect(await verdict()).toEqual([1, "fail"]);
  await rollback("bronze", newest);
  expect(await verdict()).toEqual([0, "pass"]);

  await rollback("bronze", oldest);
  await rollback("dlq", history.dlq[1]);
  await pipectlJson(["process"], batch);
  expect((await expectExactAccount()).produced).toBe(600);
  await expectExactSilver();
  // What took its place does not lead to it.
  const gone = await pipectl(["rollback", "bronze", "--to", newest as string, "--yes"]);
  expect([gone.exitCode, gone.stderr]).toEqual([
    2,
    expect.stringContaining("neither an ancestor nor a descendant"),
  ]);
});

test("stopped streams leave nothing out, though the snapshots that tell of the rollback expire", async () => {
  await pipectlJson(["process-streaming", "--silver", "--wait-checkpoint"], streaming);
  const before = { dlq: await historyOf("dlq"), silver: await historyOf("silver") };
  await generate(300, 3);
  await pipectlJson(["validate", "--settle", "60s"], streaming);
  for (const kind of ["bronze", "dlq", "silver"] as const) {
    const { exitCode, stdout } = await pipectl([
      "rollback",
      kind,
      "--to",
      (await historyOf(kind))[1] ?? "",
      "--json",
      "--yes",
    ]);
    expect([exitCode, JSON.parse(stdout).error.code]).toEqual([1, "stream_running"]);
  }
  await pipectlJson(["stop"]);
  expect(await rollback("silver", before.silver[0])).toMatchObject({ done: true, streamsForgotten: 1 });
  expect(await rollback("dlq", before.dlq[0])).toMatchObject({
    done: true,
    streamsForgotten: 1,
    recount: true,
  });
  await pipectlJson(["process-streaming"], streaming);
  await pipectlJson(["expire-snapshots", "--older-than", "0min", "--keep", "1"], streaming);
  await pipectlJson(["process-streaming", "--silver", "--wait-checkpoint"], streaming);
  await pipectlJson(["validate", "--settle", "60s"], streaming);
  expect((await expectExactAccount()).produced).toBe(900);
  await expectExactSilver();
});

test("what Kafka no longer has is counted before it goes out of sight; the next run refuses, and it can come back", async () => {
  const rowsOfPartition0 = async () =>
    (await readTable("bronze.raw_trips", ["kafka_partition"])).filter(([partition]) => partition === 0)
      .length;
  await pipectlJson(["stop"]);
  const before = await rowsOfPartition0();
  await generate(200, 4);
  await pipectlJson(["process"], batch);
  await removeFromKafka(0);
  const going = (await rowsOfPartition0()) - before;
  expect(going).toBeGreaterThan(20);
  const [newest, older] = await historyOf("bronze");
  expect(await rollback("bronze", older)).toMatchObject({ gone: going });
  const { exitCode, stdout } = await pipectl(["process", "--json"], batch);
  expect([exitCode, JSON.parse(stdout).error.code]).toEqual([1, "records_lost"]);
  expect(await rollback("bronze", newest)).toMatchObject({ direction: "forward", gone: 0, recount: false });
  expect(await verdict("--deep")).toEqual([0, "pass"]);
});

/** As retention does it: all that a partition has now. */
async function removeFromKafka(partition: number): Promise<void> {
  const topic = "taxi.raw_trips";
  const brokers = [`127.0.0.1:${inject("stack").KAFKA_PORT}`];
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const ends = await admin.fetchTopicOffsets(topic);
    const offset = ends.find((one) => one.partition === partition)?.high as string;
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset }] });
  } finally {
    await admin.disconnect();
  }
}
