import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ReplayResult } from "../../src/pipeline/dead-letters/replay.js";
import type { ApplyResult } from "../../src/pipeline/evolve/apply.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, readTable } from "../helpers/iceberg.js";
import { reading, readings, steadyReadings, writeReadings } from "../helpers/readings.js";
import { emptyStack, interrupted, pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

const env = {
  ...{ DATASET: "readings", MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s", SUBMIT_VIA: "gateway" },
};
const folder = mkdtempSync(join(tmpdir(), "pipectl-evolve-"));
let root: string;
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, { env, root });
let sender: Awaited<ReturnType<typeof steadyReadings>>;

/** PyIceberg 0.10 cannot leave out the column that a table is partitioned by where a file lacks a column that is asked for. */
const bronze = async (...columns: string[]) =>
  await readTable(readings.bronze, [...columns, "kafka_partition"]);
const silver = async (...columns: string[]) => await readTable(readings.silver, [...columns, "day"]);

/** Everything has landed by pipectl's word, and an independent consumer and reader agree. */
async function expectExact() {
  const { stages, counts } = await json<ValidateResult>("validate", "--deep", "--settle", "60s");
  expect(stages.filter(({ status }) => status === "fail")).toEqual([]);
  const account = await expectExactAccount({}, undefined, readings);
  expect(counts).toMatchObject({ ...account, notLanded: 0, unaccounted: 0 });
  return account;
}

/** Until so many rows have landed in a table, by the catalog's own count. */
async function untilLanded(table: string, rows: number): Promise<void> {
  const [namespace = "", name = ""] = table.split(".");
  await vi.waitUntil(
    async () => {
      const { current } = (await catalogClient().table({ namespace, table: name })) ?? {};
      return Number(current?.summary["total-records"] ?? 0) >= rows;
    },
    { timeout: 120_000, interval: 200 },
  );
}

beforeAll(async () => {
  await emptyStack();
  root = await projectCopy(folder);
  writeReadings(root, "first");
  await json("create-topics");
  await json("process-streaming", "--silver", "--wait-checkpoint");
  sender = await steadyReadings(1_000);
});
afterAll(async () => {
  await sender.stop();
  await pipectl(["stop", "--cancel"], { env, root });
  rmSync(folder, { recursive: true, force: true });
});

test("two columns more and a wider one while a stream runs at 1,000/s", async () => {
  await untilLanded(readings.bronze, 1_500);
  await untilLanded(readings.dlq, 150);
  const wrong = await pipectl(["dataset", "diff", "--json"], { env, root });
  expect(wrong.exitCode).toBe(0);
  writeReadings(root, "second");
  const before = sender.sent();
  const applied = await json<ApplyResult>("dataset", "apply");
  expect(applied.restarted.map(({ kind }) => kind)).toEqual(["bronze", "silver"]);
  expect(
    applied.tables.flatMap(({ changes }) => changes.map(({ column, change }) => `${column} ${change}`)),
  ).toEqual([
    "count widened",
    "Wind (m/s) added",
    "place.zone added",
    "n widened",
    "wind added",
    "place.zone added",
  ]);
  expect(applied.silverAnew).toBe(false);
  sender.addZone();
  // Records went on coming while the streams stood still.
  expect(sender.sent()).toBeGreaterThan(before);
  await untilLanded(readings.bronze, sender.zonedFrom() + 1_500);
  expect((await json<ApplyResult>("dataset", "apply")).applied).toBe(false);
});

test("dead letters that fit by now go to bronze while it goes on; a kill in between changes nothing", async () => {
  const killed = await interrupted(
    ["--dataset", "readings", "dlq", "replay"],
    /job [0-9a-f]{32} \(pipectl replay/,
    {
      ...{ env, signal: "SIGKILL" as const, root },
    },
  );
  expect(killed.seen).toBe(true);
  // It had stopped the streams: nobody may believe that all is well.
  const { stdout } = await pipectl(["validate", "--json"], { env, root });
  const [, jobs] = (JSON.parse(stdout) as ValidateResult).stages;
  expect([jobs?.status, jobs?.detail]).toEqual(["fail", expect.stringContaining("and was killed")]);
  const { replayed, left } = await json<ReplayResult>("dlq", "replay");
  expect(left).toBe(0);
  expect(replayed).toBeGreaterThan(100);
  // The next call has started them again.
  expect(await json("process-streaming", "--silver")).toMatchObject({
    ...{ started: false, silver: { started: false } },
  });
  expect((await json<ReplayResult>("dlq", "replay")).replayed).toBe(0);
});

test("old rows have no value in new columns, new ones have it, and silver is bronze, as PyIceberg reads them", async () => {
  await sender.stop();
  const { produced, ...landed } = await expectExact();
  expect([produced, landed.bronze, landed.dlq]).toEqual([sender.sent(), sender.sent(), 0]);
  const rows = await bronze("id", "count", "Wind (m/s)", "place", "at", "extra_fields");
  const inSilver = new Map(
    (await silver("id", "n", "wind", "place", "taken_at")).map(([id, ...row]) => [id, row.slice(0, 4)]),
  );
  expect([rows.length, inSilver.size]).toEqual([produced, produced]);
  let old = 0;
  for (const [id, count, wind, place, at, extra] of rows as [number, ...unknown[]][]) {
    const sent = reading(id, id >= sender.zonedFrom());
    const before = wind === null;
    if (before) old++;
    expect([count, wind, place, extra]).toEqual([
      sent.count,
      before ? null : sent.wind,
      { name: sent.place.name, zone: sent.place.zone ?? null },
      before ? JSON.stringify({ wind: sent.wind }) : null,
    ]);
    expect(inSilver.get(id)).toEqual([count, wind, place, at]);
    expect(at).toBe(
      `2025-12-31 23:00:00.000001+00:00`.replace(
        "2025-12-31",
        new Date(Date.UTC(2026, 0, id % 9)).toISOString().slice(0, 10),
      ),
    );
  }
  expect(old).toBeGreaterThan(1_000);
  expect(old).toBeLessThan(produced - 1_000);
});

test("--backfill gives old rows what extra_fields has kept for them, and silver follows", async () => {
  const { backfill } = await json<ApplyResult>("dataset", "apply", "--backfill");
  expect(backfill?.rows).toBeGreaterThan(1_000);
  await expectExact();
  const rows = await silver("id", "wind");
  expect(rows.length).toBe(sender.sent());
  expect(rows.filter(([id, wind]) => wind !== (id as number) / 8)).toEqual([]);
  expect((await bronze("extra_fields")).filter(([extra]) => extra !== null)).toEqual([]);
});
