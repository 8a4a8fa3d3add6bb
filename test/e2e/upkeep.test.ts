import { existsSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { Compaction } from "../../src/pipeline/maintain/compact.js";
import type { TableHealth } from "../../src/pipeline/maintain/health.js";
import type { MaintainResult } from "../../src/pipeline/maintain/maintain.js";
import type { MaintainedTable } from "../../src/pipeline/maintain/maintain-tables.js";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import type { StopResult } from "../../src/pipeline/stream/stop.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import {
  catalogClient,
  expectExactSilver,
  expireAllButTheLast,
  readTable,
  tableIds,
} from "../helpers/iceberg.js";
import { emptyStack, interrupted, killServices, pipectl, pipectlJson } from "../helpers/stack.js";
import { maintainAll } from "../helpers/upkeep.js";

const streaming = {
  env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "500ms", SUBMIT_VIA: "gateway" },
};
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, streaming);
const compacted = async (command: string, ...args: string[]) =>
  (await json<{ tables: Compaction[] }>(command, ...args)).tables;
const tended = async (command: string, ...args: string[]) =>
  (await json<{ tables: MaintainedTable[] }>(command, ...args)).tables;
const health = async () =>
  Object.fromEntries(
    (await json<{ tables: TableHealth[] }>("tables")).tables.map((one) => [one.table, one] as const),
  );
/** Every row of a table, whatever file it is in. */
const rowsOf = async (table: keyof typeof tableIds) => {
  const columns = (await catalogClient().table(tableIds[table]))?.schema.fields.map(({ name }) => name) ?? [];
  const { namespace, table: name } = tableIds[table];
  return (await readTable(`${namespace}.${name}`, columns)).map((row) => JSON.stringify(row)).sort();
};
const settled = async () => await json<ValidateResult>("validate", "--settle", "60s");
let sent = 0;
const generate = async (count: number, rate: number, seed: number) => {
  sent += count;
  return await json(
    ...["generate", "--count", String(count), "--rate", String(rate), "--seed", String(seed)],
    ...["--malformed", "0.05", "--duplicates", "0.05"],
  );
};

beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

test("tables that are not there, or that nothing was written to, are no error, and need nothing", async () => {
  expect(await health()).toEqual({});
  const { exitCode, stdout } = await pipectl(["compact-silver", "--json"]);
  expect([exitCode, JSON.parse(stdout).error.code]).toEqual([1, "table_missing"]);
});

test("a stream's small files become few while it goes on: no row is another, lost or twice", async () => {
  await json("process-streaming", "--silver", "--wait-checkpoint");
  await generate(3_000, 200, 1);
  // On a slow machine fifteen seconds have few checkpoints.
  await vi.waitUntil(
    async () => {
      await settled();
      const { files = 0 } = (await health())["bronze.raw_trips"] ?? {};
      if (files <= 30) await generate(100, 200, 100 + files);
      return files > 30;
    },
    { timeout: 200_000, interval: 10 },
  );
  const before = await health();
  expect(before["bronze.raw_trips"]?.rows).toBe((await rowsOf("bronze")).length);

  const [dry] = await compacted("compact-bronze", "--dry-run");
  expect(dry).toMatchObject({ snapshot: null, before: { files: before["bronze.raw_trips"]?.files } });

  const sending = generate(1_000, 200, 2);
  const [bronze, dlq] = await compacted("compact-bronze");
  const [silver] = await compacted("compact-silver");
  await sending;
  for (const one of [bronze, dlq, silver]) {
    expect(one?.snapshot, one?.table).toMatch(/^\d+$/);
    // What the stream has brought meanwhile is among them.
    expect(one?.after.files, one?.table).toBeLessThan((one?.before.files ?? 0) * 0.75);
  }
  await settled();
  expect((await expectExactAccount()).produced).toBe(sent);
  await expectExactSilver();
  const { jobs } = await json<{ jobs: { state: string; restarts: number }[] }>("status");
  expect(jobs.map(({ state, restarts }) => [state, restarts])).toEqual([
    ["RUNNING", 0],
    ["RUNNING", 0],
  ]);
  expect(await json<ValidateResult>("validate", "--deep")).toMatchObject({ status: "pass" });
});

test("old snapshots go with their files while the streams go on, and what these need stays", async () => {
  const sending = generate(1_000, 200, 6);
  const before = await health();
  const expired = await tended("expire-snapshots", "--older-than", "0min", "--keep", "1");
  await sending;
  for (const one of expired)
    expect(one.expired?.snapshotsAfter, one.table).toBeLessThan(before[one.table]?.snapshots ?? 0);
  expect(expired.map(({ expired: one }) => one?.files?.manifestLists ?? 0)).not.toContain(0);
  for (const { manifests } of await tended("rewrite-manifests"))
    expect(manifests?.manifestsAfter).toBeLessThanOrEqual(manifests?.manifestsBefore ?? 0);
  await settled();
  expect((await expectExactAccount()).produced).toBe(sent);
  await expectExactSilver();
});

test("what nothing names is found by its age, and nothing else goes", async () => {
  const folder = join(
    inject("stack").STATE_DIR as string,
    "data",
    "warehouse",
    "bronze",
    "raw_trips",
    "data",
  );
  const [old, young] = [
    join(folder, "kafka_partition=0", "left over%20.parquet"),
    join(folder, "young.parquet"),
  ];
  for (const path of [old, young]) writeFileSync(path, "x");
  const longAgo = new Date(Date.now() - 48 * 3_600_000);
  utimesSync(old, longAgo, longAgo);
  const refused = await pipectl(["vacuum", "--older-than", "1h"]);
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("less than a day")]);
  const found = async (...args: string[]) =>
    (await tended("vacuum", "--table", "bronze", "--older-than", "1d", ...args))[0]?.orphans;
  expect(await found("--dry-run")).toMatchObject({ orphans: 1, bytes: 1 });
  expect(existsSync(old)).toBe(true);
  expect(await found()).toMatchObject({ orphans: 1 });
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  expect((await expectExactAccount()).produced).toBe(sent);
});

test("a table that another tool expired too far is found, and its streams are brought back", async () => {
  await compacted("compact-bronze");
  await compacted("compact-silver");
  // What any tool with a catalog client can do: only what readers see now is left.
  for (const id of Object.values(tableIds)) await expireAllButTheLast(id);
  const { exitCode, stdout } = await pipectl(["validate", "--json"], streaming);
  const { stages } = JSON.parse(stdout) as ValidateResult;
  expect([exitCode, stages[1]?.status, stages[1]?.hint]).toEqual([1, "fail", "pipectl repair"]);
  expect(stages[1]?.detail).toContain("is RUNNING, but bronze.raw_trips no longer has snapshot");
  const { repaired } = await json<MaintainResult>("maintain", "--repair");
  expect(repaired.map(({ stream, job }) => [stream, job])).toEqual([
    ["bronze", expect.stringMatching(/^[0-9a-f]{32}$/)],
    ["silver", expect.stringMatching(/^[0-9a-f]{32}$/)],
  ]);
  await generate(500, 500, 7);
  await settled();
  expect((await expectExactAccount()).produced).toBe(sent);
  await expectExactSilver();
  expect((await json<MaintainResult>("maintain", "--repair")).repaired).toEqual([]);
});

test("all of the upkeep changes no row; the streams go on from their savepoints with other tasks, and a batch run from them", async () => {
  await generate(800, 200, 9);
  await settled();
  const { stopped } = await json<StopResult>("stop");
  const everyRow = async () => [await rowsOf("bronze"), await rowsOf("dlq"), await rowsOf("silver")];
  const rows = await everyRow();
  for (const { compaction, expired } of (await json<MaintainResult>(...maintainAll)).tables) {
    expect(compaction?.snapshot).toMatch(/^\d+$/);
    expect(expired?.snapshotsAfter).toBeLessThan(expired?.snapshotsBefore ?? 0);
  }
  // The same in every column, order apart.
  expect(await everyRow()).toEqual(rows);
  const more = { env: { ...streaming.env, PARALLELISM: "2" } };
  const again = await pipectlJson<StreamResult>(["process-streaming", "--silver", "--wait-checkpoint"], more);
  expect([again.state, again.silver?.state]).toEqual(stopped.map(({ savepoint }) => savepoint));
  await generate(500, 1_000, 3);
  await settled();
  await json("stop");
  await generate(500, 1_000, 4);
  await pipectlJson(["process", "--via", "gateway"]);
  expect((await expectExactAccount()).produced).toBe(sent);
  await expectExactSilver();
  expect(await pipectlJson<ValidateResult>(["validate", "--deep"])).toMatchObject({ status: "pass" });
});

test("Ctrl-C, a warehouse that cannot be written, a catalog that goes away: said so, nothing half done, and it goes on after", async () => {
  await json("process-streaming");
  await generate(1_000, 200, 5);
  await settled();
  await json("stop");
  const rows = await rowsOf("bronze");
  const ended = await interrupted(["compact-bronze"], /job [0-9a-f]{32}/);
  expect([ended.exitCode, ended.seen]).toEqual([130, true]);
  expect(await rowsOf("bronze")).toEqual(rows);
  const data = join(inject("stack").STATE_DIR as string, "data", "warehouse", "bronze", "raw_trips", "data");
  const before = (await catalogClient().table(tableIds.bronze))?.current?.id;
  renameSync(data, `${data}.away`);
  writeFileSync(data, "");
  try {
    const { exitCode, stdout } = await pipectl(["compact-bronze", "--json"]);
    const { code, message } = JSON.parse(stdout).error;
    expect([exitCode, code]).toEqual([1, "compaction_failed"]);
    expect(message).toContain(data);
  } finally {
    rmSync(data);
    renameSync(`${data}.away`, data);
  }
  expect((await catalogClient().table(tableIds.bronze))?.current?.id).toBe(before);
  const gone = await interrupted(maintainAll, /job [0-9a-f]{32}/, { act: () => killServices("catalog") });
  expect([1, 3]).toContain(gone.exitCode);
  expect(gone.stderr).toMatch(/error: .*(?:catalog|Connect|connect)/);
  await json("up");
  await json(...maintainAll);
  expect(await rowsOf("bronze")).toEqual(rows);
  expect((await health())["bronze.raw_trips"]?.smallFiles).toBeLessThan(5);
});
