import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { temporaryFolder } from "../helpers/folder.js";
import { catalogClient, readTable, tableIds } from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

const gold = { namespace: "gold", table: "taxi_revenue" };
const dropGold = async () => await catalogClient().dropTable(gold);
let root = "";
let manifest = "";

/** The rules of the copy's manifest. */
const rules = (...lines: readonly string[]) =>
  writeFileSync(
    join(root, "datasets", "taxi.yml"),
    `${manifest}\nquality:\n${lines.map((line) => `  - {${line}}\n`).join("")}`,
  );
const quarantine = "rule: range, column: trip_distance, max: 8, on_fail: quarantine";
const process = async () => await pipectlJson<ProcessResult>(["process"], { root });

beforeAll(async () => {
  await emptyStack();
  await dropGold();
  root = await projectCopy(join(temporaryFolder(), "project"));
  manifest = readFileSync(join(root, "datasets", "taxi.yml"), "utf8");
  const marts = join(root, "datasets", "taxi", "marts");
  mkdirSync(marts, { recursive: true });
  writeFileSync(
    join(marts, "revenue.sql"),
    "-- By kind of payment.\nSELECT payment_type, COUNT(*) AS trips, CAST(SUM(total_amount) AS DECIMAL(12, 2)) AS revenue\nFROM silver.cleaned_trips GROUP BY payment_type\n",
  );
});
afterAll(dropGold);

/** What readers see of silver and of the mart, and whether a branch was left. */
async function heads() {
  const tables = await Promise.all([tableIds.silver, gold].map((id) => catalogClient().table(id)));
  for (const table of tables) expect(Object.keys(table?.refs ?? {})).toEqual(["main"]);
  return tables.map((table) => table?.current?.id);
}

/** The mart as PyIceberg reads it, and what it should be of the silver that PyIceberg reads. */
async function revenue() {
  const sums = new Map<unknown, { n: number; cents: number }>();
  const [trips, rows] = await Promise.all([
    readTable("silver.cleaned_trips", ["payment_type", "total_amount"]),
    readTable("gold.taxi_revenue", ["payment_type", "trips", "revenue"]),
  ]);
  for (const [kind, amount] of trips) {
    const { n, cents } = sums.get(kind) ?? { n: 0, cents: 0 };
    sums.set(kind, { n: n + 1, cents: cents + Math.round(Number(amount) * 100) });
  }
  const line = (kind: unknown, n: unknown, dollars: number) => `${kind} ${n} ${dollars.toFixed(2)}`;
  return {
    found: rows.map(([kind, n, dollars]) => line(kind, n, Number(dollars))).sort(),
    expected: [...sums].map(([kind, { n, cents }]) => line(kind, n, cents / 100)).sort(),
  };
}

test("rows that fail a rule stay in bronze, and a mart is what silver says, once", async () => {
  rules(quarantine, "rule: range, column: fare_amount, max: 500");
  await pipectlJson(["generate", "--count", "1000", "--malformed", "0.1"]);
  const first = await process();
  const distances = (await readTable("bronze.raw_trips", ["trip_distance"])).map(([miles]) => Number(miles));
  const far = distances.filter((miles) => miles > 8).length;
  expect(far).toBeGreaterThan(0);
  expect(first.silver?.total).toBe(distances.length - far);
  const { found, expected } = await revenue();
  expect(found).toEqual(expected);
  expect(first.marts).toEqual([
    { name: "revenue", table: "gold.taxi_revenue", rows: found.length, status: "made" },
  ]);

  const { status, quality, stages } = await pipectlJson<ValidateResult>(["validate", "--deep"], { root });
  expect(status).toBe("warn");
  expect(stages.map((stage) => stage.status)).toEqual(["pass", "pass", "pass", "pass", "warn", "pass"]);
  expect(quality).toMatchObject([
    { name: "range_trip_distance", status: "warn", quarantined: far, checked: distances.length },
    { name: "range_fare_amount", status: "pass", failed: 0 },
  ]);
  expect(quality?.[0]?.samples[0]).toMatchObject({ kafka_offset: expect.stringMatching(/^\d+$/) });

  const again = await process();
  expect([again.jobs, again.marts?.[0]?.status]).toEqual([[], "up to date"]);
});

test("a silver that breaks a rule is not published, nor a mart of it; the next one is", async () => {
  rules(quarantine, "rule: range, column: fare_amount, max: 10");
  await pipectlJson(["generate", "--count", "300", "--seed", "5"]);
  const before = await heads();
  const held = await pipectl(["process", "--via", "gateway", "--json"], { root });
  expect(held.exitCode).toBe(1);
  const { error } = JSON.parse(held.stdout);
  expect(error).toMatchObject({ code: "quality_gate", hint: expect.stringContaining("process-silver") });
  expect(error.message).toMatch(/range_fare_amount by [\d,]+ of [\d,]+ rows\n +\{"fare_amount"/);
  expect(await heads()).toEqual(before);

  rules(quarantine, "rule: range, column: fare_amount, max: 10, on_fail: warn");
  const published = await pipectlJson<ProcessResult>(["process-silver", "--via", "gateway"], { root });
  expect(published.marts).toMatchObject([{ status: "made" }]);
  const after = await revenue();
  expect(after.found).toEqual(after.expected);
  for (const [i, head] of (await heads()).entries()) expect(head).not.toBe(before[i]);
});
