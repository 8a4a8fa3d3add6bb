import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { kafkaClient } from "../../src/kafka/client.js";
import { branchOf } from "../../src/lake/branches.js";
import type { Account } from "../../src/ledger/account.js";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import type { LagResult } from "../../src/pipeline/lag/lag.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { temporaryFolder } from "../helpers/folder.js";
import { catalogClient, readTable, tableIds } from "../helpers/iceberg.js";
import { addPartitions, consumeAll, deleteTopic, threeTransactions } from "../helpers/kafka.js";
import { freshTopic, interrupted, killServices, pipectl, pipectlJson } from "../helpers/stack.js";

const topic = "taxi.raw_trips";
/** Without a client's JVM for each of many runs; other files submit the way a user does. */
const viaGateway = ["--via", "gateway"];
const kafka = new kafkajs.Kafka({
  brokers: [`127.0.0.1:${inject("stack").KAFKA_PORT}`],
  logLevel: kafkajs.logLevel.NOTHING,
});
const admin = kafka.admin();
beforeAll(async () => {
  // Not another stack: each test makes an empty topic and drops the tables.
  await pipectlJson(["up"]);
  await admin.connect();
});
beforeEach(freshTopic);
afterAll(async () => {
  await admin.disconnect();
  // Seen once: after this file a broker that was started anew compacted another file's topic of the same name.
  await pipectl(["down", "--volumes"]);
});

const generate = (n: number, seed: number) =>
  pipectlJson(["generate", "--count", String(n), "--seed", String(seed), "--malformed", "0.02"]);
const validation = async (...options: string[]) =>
  JSON.parse((await pipectl(["validate", "--json", ...options])).stdout) as ValidateResult;
const refusal = async () => {
  const { exitCode, stdout } = await pipectl(["process", "--json", ...viaGateway]);
  return { exitCode, ...(JSON.parse(stdout).error as { code: string; message: string; hint: string }) };
};
/** `incarnation/partition:offset` of every row of both tables, as PyIceberg reads them, sorted. */
async function landed(): Promise<string[]> {
  const columns = ["kafka_incarnation", "kafka_partition", "kafka_offset"];
  const rows = await Promise.all(
    ["bronze.raw_trips", "bronze.raw_trips_dlq"].map((t) => readTable(t, columns)),
  );
  return rows
    .flat()
    .map(([incarnation, partition, offset]) => `${incarnation}/${partition}:${offset}`)
    .sort();
}
const sent = async (incarnation: number) =>
  (await consumeAll(topic)).map(({ partition, offset }) => `${incarnation}/${partition}:${offset}`).sort();

/** Whether offsets may hold no record, as the broker tells. */
async function mayHaveGaps(): Promise<boolean> {
  const client = kafkaClient(`127.0.0.1:${inject("stack").KAFKA_PORT}`);
  try {
    return await client.mayHaveGaps(topic);
  } finally {
    await client.close();
  }
}

describe("what Kafka can do to a topic", () => {
  test("retention takes records while the first run reads: the next run reports them", async () => {
    await generate(600, 1);
    expect(await mayHaveGaps()).toBe(false);
    // Without a look at the topic, kafkajs does not know whom to ask to remove anything.
    await admin.fetchTopicOffsets(topic);
    const first = await interrupted(["process", ...viaGateway], /new records of/, {
      act: async () =>
        await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: "50" }] }),
    });
    expect([first.seen, first.exitCode]).toEqual([true, 1]);
    const error = await refusal();
    expect(error).toMatchObject({ exitCode: 1, code: "records_lost" });
    expect(error.message).toContain("partition 1: 50 (offsets 0 to 49)");
    await pipectlJson(["process", "--accept-loss", ...viaGateway]);
    expect(await landed()).toEqual(await sent(0));
    expect(await validation("--deep")).toMatchObject({ status: "pass", counts: { produced: 600, lost: 50 } });
  });

  test("retention takes records before they landed: refused with numbers, accepted once, shown for ever", async () => {
    await generate(600, 1);
    await pipectlJson(["process", ...viaGateway]);
    await generate(600, 2);
    const before = await landed();
    const [at] = (await admin.fetchTopicOffsets(topic)).filter(({ partition }) => partition === 1);
    const next = before.filter((position) => position.startsWith("0/1:")).length;
    const first = Math.floor((next + Number(at?.high)) / 2);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: String(first) }] });

    const error = await refusal();
    expect(error).toMatchObject({ exitCode: 1, code: "records_lost" });
    expect(error.message).toContain(`partition 1: ${first - next} (offsets ${next} to ${first - 1})`);
    expect(error.hint).toContain("pipectl process --accept-loss");
    expect(await landed()).toEqual(before);
    expect(await validation()).toMatchObject({
      status: "fail",
      counts: { lost: first - next, unaccounted: 0 },
    });

    await pipectlJson(["process", "--accept-loss", ...viaGateway]);
    const rest = (await sent(0)).filter((position) => !before.includes(position));
    expect(await landed()).toEqual([...before, ...rest].sort());
    const after = await validation("--deep");
    expect(after).toMatchObject({
      status: "pass",
      counts: { produced: 1200, lost: first - next, notLanded: 0 },
    });
    expect(after.stages[2]?.detail).toContain(`${first - next} accepted as lost`);
    expect(await pipectlJson<ProcessResult>(["process", "--accept-loss", ...viaGateway])).toMatchObject({
      jobs: [],
    });
    expect((await validation()).counts?.lost).toBe(first - next);
  });

  test("retention takes all that had not landed: the loss is put on record without a job", async () => {
    await generate(300, 1);
    await pipectlJson(["process", ...viaGateway]);
    await generate(300, 2);
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({
      topic,
      partitions: ends.map(({ partition, high }) => ({ partition, offset: high })),
    });
    expect(await pipectlJson<ProcessResult>(["process", "--accept-loss", ...viaGateway])).toMatchObject({
      jobs: [],
    });
    expect(await validation()).toMatchObject({ status: "pass", counts: { produced: 600, lost: 300 } });
    await generate(100, 3);
    await pipectlJson(["process", ...viaGateway]);
    expect(await validation()).toMatchObject({ status: "pass", counts: { produced: 700, lost: 300 } });
  });

  test("a topic made again that has outgrown its old end: found by its id, taken as another incarnation", async () => {
    await generate(300, 1);
    await pipectlJson(["process", ...viaGateway]);
    const old = await landed();
    await deleteTopic(topic);
    await pipectlJson(["create-topics"]);
    await generate(900, 2);

    const error = await refusal();
    expect(error).toMatchObject({ exitCode: 1, code: "topic_remade" });
    expect(error.hint).toContain("--accept-loss");
    expect(await landed()).toEqual(old);
    expect((await validation()).stages[2]).toMatchObject({ status: "fail" });
    expect(await pipectlJson<LagResult>(["check-lag"])).toMatchObject({ totalUnlanded: 900 });

    await pipectlJson(["process", "--accept-loss", ...viaGateway]);
    expect(await landed()).toEqual([...old, ...(await sent(1))].sort());
    expect(await validation()).toMatchObject({ status: "pass", counts: { produced: 1200, lost: 0 } });
    await generate(50, 3);
    await pipectlJson(["process", ...viaGateway]);
    expect(await landed()).toEqual([...old, ...(await sent(1))].sort());
    expect(await validation("--deep")).toMatchObject({ status: "pass", counts: { produced: 1250 } });
  });

  test("partitions that are added are taken from their beginning", async () => {
    await generate(300, 1);
    await pipectlJson(["process", ...viaGateway]);
    await addPartitions(topic, 5);
    await generate(600, 2);
    await pipectlJson(["process", ...viaGateway]);
    expect(await expectExactAccount()).toMatchObject({ produced: 900 });
    expect(await validation()).toMatchObject({ status: "pass" });
  });

  test("markers and aborted records of transactions are counted as offsets without a record", async () => {
    const { producer, messages } = await threeTransactions(topic);
    // An open one holds its partitions back: what comes after it has not been sent yet.
    const open = await producer.transaction();
    await open.send({ topic, messages });
    await pipectlJson(["process", ...viaGateway]);
    const held =
      /an open transaction of producer \d+ holds partition 0 back at offset 63 since \d+\.\d s: 20 offsets wait behind it/;
    expect((await validation()).stages[2]?.detail).toMatch(held);
    expect(await pipectlJson<LagResult>(["check-lag"])).toMatchObject({
      openTransactions: [0, 1, 2].map((partition) => ({ partition, offset: 63, waiting: 20 })),
    });
    expect(await mayHaveGaps()).toBe(true);
    expect(await landed()).toHaveLength(120);
    // In each partition: 20 aborted records and three markers.
    expect(await validation()).toMatchObject({
      status: "pass",
      counts: { produced: 189, bronze: 120, dlq: 0, withoutRecord: 69, unaccounted: 0 },
    });
    await open.commit();
    await producer.disconnect();
    await pipectlJson(["process", ...viaGateway]);
    const positions = await landed();
    expect(new Set(positions).size).toBe(180);
    expect(positions).toHaveLength(180);
    expect(await validation("--deep")).toMatchObject({
      status: "pass",
      counts: { produced: 252, withoutRecord: 72 },
    });
  });

  test("what compaction has removed is counted, too", async () => {
    await deleteTopic(topic);
    const settings = {
      "cleanup.policy": "compact",
      "segment.ms": "100",
      "min.cleanable.dirty.ratio": "0.01",
      "max.compaction.lag.ms": "100",
    };
    // Another client: kafkajs goes on asking for a topic that it once had, and takes its absence for an error.
    const fresh = kafka.admin();
    await fresh.connect();
    await fresh.createTopics({
      topics: [
        {
          topic,
          numPartitions: 1,
          configEntries: Object.entries(settings).map(([name, v]) => ({ name, value: v })),
        },
      ],
    });
    await fresh.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    const send = async (keys: number) => {
      const messages = Array.from({ length: 200 }, (_, i) => ({
        key: `k${i % keys}`,
        value: '{"VendorID":1}',
      }));
      await producer.send({ topic, messages });
    };
    await send(10);
    // Compaction happens to segments that are closed, and one is closed by a record that comes later.
    await expect
      .poll(
        async () => {
          await producer.send({ topic, messages: [{ key: "last", value: '{"VendorID":2}' }] });
          return (await consumeAll(topic)).filter(({ key }) => key?.toString() !== "last").length;
        },
        { timeout: 90_000, interval: 2_000 },
      )
      .toBe(10);
    await producer.disconnect();
    // A record that is compacted away between the job and the count makes the two differ: the run is refused, and the
    // next one takes the same offsets.
    await expect
      .poll(async () => (await pipectl(["process", ...viaGateway])).exitCode, {
        timeout: 120_000,
        interval: 1_000,
      })
      .toBe(0);
    const result = await validation();
    expect(result.status).toBe("pass");
    expect(result.counts?.withoutRecord).toBeGreaterThanOrEqual(190);
    const { produced = 0, withoutRecord = 0 } = result.counts ?? {};
    expect(await landed()).toHaveLength(produced - withoutRecord);
  });
});

describe("tables that something else has written to", () => {
  test.each([
    ["the account is older than the tables", false],
    ["there is no account at all", true],
  ])("a hole is found by counting and filled, nothing is taken twice: %s", async (_name, forget) => {
    await generate(400, 1);
    await pipectlJson(["process", ...viaGateway]);
    await generate(400, 2);
    await pipectlJson(["process", ...viaGateway]);
    // The dead letters of the second run vanish: a stream that died between its two commits leaves the same.
    const catalog = catalogClient();
    const id = tableIds.dlq;
    const dlq = await catalog.table(id);
    const parent = dlq?.current?.parentId as string;
    await catalog.commit({ id, assertRefs: {}, setRefs: { main: parent } });
    if (forget) {
      const updates = [{ action: "remove-properties", removals: ["pipectl.account"] }];
      const answer = await fetch(`${catalog.url}/v1/namespaces/bronze/tables/raw_trips`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ requirements: [], updates }),
      });
      expect(answer.status).toBe(200);
    }
    await generate(100, 3);
    expect((await validation()).stages[2]).toMatchObject({ status: "fail" });
    const run = await pipectl(["process", ...viaGateway]);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stderr).toContain("counting every row");
    expect(await expectExactAccount()).toMatchObject({ produced: 900 });
    expect(await validation()).toMatchObject({ status: "pass", counts: { produced: 900, unaccounted: 0 } });
    expect(await pipectlJson<ProcessResult>(["process", ...viaGateway])).toMatchObject({ jobs: [] });
  });

  test("a run that was killed between its two commits is finished: no job runs, no row is counted", async () => {
    await generate(400, 1);
    await pipectlJson(["process", ...viaGateway]);
    await generate(400, 2);
    await pipectlJson(["process", ...viaGateway]);
    // The catalog's state at that moment: bronze and its account are out, the dead letters are on the run's branch.
    const catalog = catalogClient();
    const dlq = await catalog.table(tableIds.dlq);
    const account = JSON.parse(
      (await catalog.table(tableIds.bronze))?.properties["pipectl.account"] ?? "",
    ) as Account;
    const { id = "", parentId } = dlq?.current ?? {};
    await catalog.commit({
      id: tableIds.dlq,
      assertRefs: { main: id },
      setRefs: { main: parentId as string, [branchOf(account.run)]: id },
    });
    expect((await validation()).stages[2]).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("ended between its two commits"),
      hint: "pipectl process finishes it",
    });
    // Small manifests would be put together, and the branch would no longer follow from what readers see.
    const refused = await pipectl(["rewrite-manifests"]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining("pipectl process finishes it"),
    ]);
    const run = await pipectl(["process", ...viaGateway]);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stderr).toContain("publishing the dead letters of a run that was killed");
    expect(run.stderr).not.toContain("counting every row");
    expect(await expectExactAccount()).toMatchObject({ produced: 800 });
    expect(await validation()).toMatchObject({ status: "pass", counts: { unaccounted: 0 } });
  });
});

// The last one: connections of before do not outlive a broker that was killed.
describe("Kafka", () => {
  test("is restored from an older copy, and filled past the old end: found by records, taken as another incarnation", async () => {
    const data = join(inject("stack").STATE_DIR as string, "data", "kafka");
    const copy = join(temporaryFolder(), "kafka");
    await generate(600, 1);
    await pipectlJson(["process", ...viaGateway]);
    await killServices("kafka");
    await cp(data, copy, { recursive: true });
    await pipectlJson(["up"]);
    await generate(300, 2);
    await pipectlJson(["process", ...viaGateway]);
    const old = await landed();
    await killServices("kafka");
    await rm(data, { recursive: true });
    await cp(copy, data, { recursive: true });
    await pipectlJson(["up"]);
    await generate(900, 3);

    expect((await validation()).stages[2]).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("has other records than those that have landed"),
    });
    expect(await refusal()).toMatchObject({ exitCode: 1, code: "topic_diverged" });
    expect(await landed()).toEqual(old);
    await pipectlJson(["process", "--accept-loss", ...viaGateway]);
    // All that Kafka has behind the last record that is the same: that of the first run's end.
    const { partitions = [] } = JSON.parse(
      (await catalogClient().table(tableIds.bronze))?.properties["pipectl.account"] ?? "{}",
    ) as Partial<Account>;
    const begins = (position: string) => {
      const [, partition, offset] = /^1\/(\d+):(\d+)$/.exec(position) ?? [];
      const line = partitions.find((one) => one.incarnation === 1 && one.partition === Number(partition));
      return Number(offset) >= (line?.first ?? 0);
    };
    const taken = (await sent(1)).filter(begins);
    expect(taken).toHaveLength(900);
    expect(await landed()).toEqual([...old, ...taken].sort());
    expect(await validation("--deep")).toMatchObject({ status: "pass" });
  });
});
