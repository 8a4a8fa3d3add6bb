import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeAll, expect, inject, test } from "vitest";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import type { LagResult } from "../../src/pipeline/lag/lag.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { temporaryFolder } from "../helpers/folder.js";
import { readTable } from "../helpers/iceberg.js";
import { pythonProgram } from "../helpers/python.js";
import { pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

// Producers that people have: librdkafka, and Kafka's own in Java, with every codec, in transactions, and compacted afterwards.

const codecs = ["gzip", "snappy", "lz4", "zstd"] as const;
const folder = temporaryFolder();
const broker = `127.0.0.1:${inject("stack").KAFKA_PORT}`;
let root: string;
beforeAll(async () => {
  await pipectlJson(["up"]);
  root = await projectCopy(join(folder, "project"));
});

async function librdkafka(...args: readonly string[]): Promise<string> {
  const python = await pythonProgram("confluent-kafka==2.16.1", "python");
  const script = fileURLToPath(new URL("../helpers/librdkafka.py", import.meta.url));
  return (await execa(python, [script, broker, ...args])).stdout;
}

/** Kafka's own producer, by its performance tool: a hundred records, twice, the second time in transactions. */
async function javaProducer(topic: string, codec: string): Promise<void> {
  const lib = join(inject("stack").STATE_DIR as string, "lib");
  const [jars = ""] = readdirSync(lib);
  const classPath = readFileSync(join(lib, jars, "broker.txt"), "utf8")
    .trim()
    .split("\n")
    .join(delimiter);
  const payload = join(folder, "payload.jsonl");
  const records = Array.from({ length: 50 }, (_, i) => ({ id: 5_000 + i, name: `Ärger ${i}`, amount: i }));
  writeFileSync(
    payload,
    records.map((record) => JSON.stringify({ ...record, at: "2026-02-01T00:00:00Z" })).join("\n"),
  );
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, "bin", "java") : "java";
  for (const more of [[], ["--transactional-id", `java-${codec}`, "--transaction-duration-ms", "5"]]) {
    const main = ["-cp", classPath, "org.apache.kafka.tools.ProducerPerformance"];
    const what = ["--topic", topic, "--num-records", "100", "--throughput", "-1", "--payload-file", payload];
    const props = [`bootstrap.servers=${broker}`, `compression.type=${codec}`, "linger.ms=20"];
    await execa(java, [...main, ...what, ...more, "--producer-props", ...props]);
  }
}

/** From the topic to a deep validation; then each committed record is in one of the tables, once, as readers that are not ours see it. */
async function expectExact(topic: string, name: string): Promise<ValidateResult> {
  await pipectlJson(["dataset", "infer", `topic:${topic}`, "--name", name], { root });
  const of = ["--dataset", name];
  const before = await pipectlJson<LagResult>(["check-lag", ...of], { root });
  expect(before.totalUnlanded).toBeGreaterThan(0);
  await pipectlJson<ProcessResult>(["process", "--via", "gateway", ...of], { root });
  const { stdout } = await pipectl(["validate", "--deep", "--json", ...of], { root });
  const result = JSON.parse(stdout) as ValidateResult;
  expect(result.stages.filter(({ status }) => status !== "pass")).toEqual([]);
  const positions = (rows: readonly unknown[][]) => rows.map(([p, o]) => `${p}:${o}`).sort();
  const rows = await Promise.all(
    [`bronze.${name}`, `bronze.${name}_dlq`].map((t) => readTable(t, ["kafka_partition", "kafka_offset"])),
  );
  const consumed = JSON.parse(await librdkafka("consume", topic)) as unknown[][];
  expect(positions(rows.flat())).toEqual(positions(consumed));
  expect(await pipectlJson<LagResult>(["check-lag", ...of], { root })).toMatchObject({ totalUnlanded: 0 });
  return result;
}

test.each(codecs)(
  "%s, plain and in transactions, committed and aborted, by librdkafka and Java",
  async (codec) => {
    const topic = `it.${codec}`;
    await librdkafka("produce", topic, codec);
    await javaProducer(topic, codec);
    const { counts } = await expectExact(topic, `it_${codec}`);
    // 500, eight transactions of twenty, and twice a hundred; four transactions of twenty were aborted, and each left its markers.
    expect(counts).toMatchObject({ bronze: 860, dlq: 0, unaccounted: 0 });
    expect(counts?.withoutRecord).toBeGreaterThan(80);
  },
);

test("compacted, in every codec at once", async () => {
  await librdkafka("compacted", "it.compacted", ...codecs);
  const { counts } = await expectExact("it.compacted", "it_compacted");
  expect(counts?.withoutRecord).toBeGreaterThan(700);
});
