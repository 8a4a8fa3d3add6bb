import { execFileSync } from "node:child_process";
import { readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, tableIds } from "../helpers/iceberg.js";
import { addPartitions, produce, threeTransactions } from "../helpers/kafka.js";
import { emptyStack, killServices, pipectl, pipectlJson } from "../helpers/stack.js";

const home = inject("stack").STATE_DIR as string;
// The quicker way in: what is tested here begins when the stream runs.
const streaming = { env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s", SUBMIT_VIA: "gateway" } };
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, streaming);
const start = async (...args: string[]) => await json<StreamResult>("process-streaming", ...args);

let seed = 100;
const generate = async (...args: string[]) =>
  await json("generate", "--count", "600", "--seed", String(++seed), "--malformed", "0.02", ...args);

/** What validate finds wrong or cannot see, stage by stage; empty when there is nothing of it. */
async function complaints(): Promise<string> {
  const { stdout } = await pipectl(["validate", "--json"], streaming);
  const { stages } = JSON.parse(stdout) as ValidateResult;
  return stages
    .filter(({ status }) => status === "fail" || status === "unknown")
    .map(({ detail }) => detail)
    .join("\n");
}
/** Within a minute validate says what is wrong; the producers do not notice. */
async function expectComplaint(reason: RegExp): Promise<void> {
  await generate();
  await expect.poll(complaints, { timeout: 60_000, interval: 1_000 }).toMatch(reason);
}
async function expectSettled(): Promise<void> {
  await generate();
  const { counts } = JSON.parse(
    (await pipectl(["validate", "--settle", "90s", "--json"], streaming)).stdout,
  ) as ValidateResult;
  const { produced, bronze, dlq } = await expectExactAccount();
  expect(counts).toMatchObject({ bronze, dlq, notLanded: 0, unaccounted: 0 });
  // A consumer does not see the markers of transactions, and what was aborted.
  expect((counts?.produced ?? 0) - (counts?.withoutRecord ?? 0)).toBe(produced);
}
beforeAll(async () => {
  await emptyStack();
  await generate();
  await start("--wait-checkpoint");
  await expectSettled();
});
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

test("a disk that is full: validate says so, and the stream goes on once there is room", async () => {
  const data = join(home, "data", "warehouse", "bronze", "raw_trips", "data");
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", data]);
  try {
    await expectComplaint(/No space left on device/);
  } finally {
    execFileSync("umount", ["-l", data]);
  }
  await expectSettled();
});

test("a folder of checkpoints that cannot be written: likewise", async () => {
  const folder = join(home, "data", "checkpoints", "checkpoints");
  const { job } = await start();
  const own = join(folder, job.id);
  renameSync(own, `${own}.away`);
  writeFileSync(own, "");
  try {
    await expectComplaint(new RegExp(own));
  } finally {
    rmSync(own);
    renameSync(`${own}.away`, own);
  }
  await expectSettled();
});

test("a catalog that answers 500: likewise", async () => {
  await killServices("catalog");
  const broken = createServer((_request, response) => {
    response.statusCode = 500;
    response.end(JSON.stringify({ error: { message: "out of luck", type: "E", code: 500 } }));
  });
  // The port is free only some time after the process has been killed.
  const listen = () =>
    new Promise<boolean>((resolve) => {
      broken.once("error", () => resolve(false));
      broken.listen(Number(inject("stack").CATALOG_PORT), "127.0.0.1", () => resolve(true));
    });
  await expect.poll(listen, { timeout: 30_000 }).toBe(true);
  try {
    await expectComplaint(/out of luck/);
  } finally {
    const closed = new Promise((resolve) => broken.close(resolve));
    // After it takes no more: Flink comes again and again.
    broken.closeAllConnections();
    await closed;
  }
  await json("up");
  await expectSettled();
});

test("a record of 1 MB, and nothing but malformed ones", async () => {
  const trip = {
    VendorID: 1,
    tpep_pickup_datetime: "2019-01-01 00:00:00",
    store_and_fwd_flag: "x".repeat(1e6),
  };
  await produce("taxi.raw_trips", [{ key: null, value: Buffer.from(JSON.stringify(trip)) }]);
  await generate("--malformed", "1");
  await expectSettled();
});

test("transactions: their markers and what was aborted is waited for by nobody", async () => {
  const { producer } = await threeTransactions("taxi.raw_trips");
  await producer.disconnect();
  const { counts } = await json<ValidateResult>("validate", "--settle", "60s");
  // In each partition: 20 aborted records and three markers.
  expect(counts).toMatchObject({ notLanded: 0, withoutRecord: 69, unaccounted: 0 });
  expect(await json("check-lag")).toMatchObject({ totalUnlanded: 0, totalLagSeconds: 0 });
  await expectSettled();
  // The account takes them over when the stream ends.
  await json("restart-streaming", "--from-tables");
  expect(await json<ValidateResult>("validate", "--deep")).toMatchObject({
    counts: { notLanded: 0, withoutRecord: 69, unaccounted: 0 },
  });
});

test("a topic that gets more partitions: they are read from their first offset on", async () => {
  await addPartitions("taxi.raw_trips", 5);
  await generate();
  await expectSettled();
  expect((await json<ValidateResult>("validate", "--deep")).partitions).toHaveLength(5);
});

test("a checkpoint that is damaged: Flink refuses it, and the stream begins at the next offset", async () => {
  await generate();
  const { job } = await start();
  await killServices("jobmanager", "taskmanager-1");
  const folder = join(home, "data", "checkpoints", "checkpoints", job.id);
  for (const name of readdirSync(folder).filter((chk) => chk.startsWith("chk-")))
    truncateSync(join(folder, name, "_metadata"), 20);
  await json("up");
  const { exitCode, stdout, stderr } = await pipectl(["process-streaming", "--json"], streaming);
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain("its state could not be resumed");
  expect(JSON.parse(stdout)).toMatchObject({ started: true, state: null });
  await expectSettled();
});

test("a state that is lost: what landed is counted, and the stream begins at the next offset", async () => {
  await generate();
  await killServices("jobmanager", "taskmanager-1");
  const folder = join(home, "data", "checkpoints", "checkpoints");
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  await json("up");
  expect(await start()).toMatchObject({ started: true, state: null });
  await expectSettled();
});

test("a table that was set back behind a dead stream: a batch run ingests the missing records first", async () => {
  await generate();
  await expectSettled();
  await killServices("jobmanager", "taskmanager-1");
  await json("up");
  const dlq = await catalogClient().table(tableIds.dlq);
  const parent = dlq?.current?.parentId as string;
  await catalogClient().commit({ id: tableIds.dlq, assertRefs: {}, setRefs: { main: parent } });
  const { exitCode, stderr } = await pipectl(["process-streaming"], streaming);
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain("raw_trips_dlq was rolled back behind rows that its stream has appended");
  expect(stderr).toContain("a batch run ingests the missing records");
  await expectSettled();
  expect((await json<ValidateResult>("validate", "--deep")).status).toBe("pass");
});
