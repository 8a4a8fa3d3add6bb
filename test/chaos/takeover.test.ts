import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApplyResult } from "../../src/pipeline/evolve/apply.js";
import type { DiffResult } from "../../src/pipeline/evolve/diff.js";
import type { LagResult } from "../../src/pipeline/lag/lag.js";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import type { StopResult } from "../../src/pipeline/stream/stop.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { copyDatasets, earlierVersion } from "../helpers/earlier.js";
import { temporaryFolder } from "../helpers/folder.js";
import { catalogClient, expectExactSilver, readTable, tableIds } from "../helpers/iceberg.js";
import { freshTopic, interrupted, pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

/** The last commit that called the incarnation `kafka_epoch`. */
const lastBefore = "fcbe8bb68f09f7b5342d0293209ef02f74e29c1b";
const gold = { namespace: "gold", table: "taxi_topics" };
const env = { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s", SUBMIT_VIA: "gateway" };
/** Of bronze, the last one of the earlier version. */
let beforeTakeover = "";
const folder = temporaryFolder("pipectl-takeover-");
let before = "";
let now = "";

const old = async <T>(args: readonly string[], more: Record<string, string> = env) =>
  await pipectlJson<T>(args, { root: before, env: more });
const current = async <T>(args: readonly string[], more: Record<string, string> = env) =>
  await pipectlJson<T>(args, { root: now, env: more });

let seed = 400;
const records = (count: number) => [
  ...["generate", "--count", String(count), "--seed", String(++seed)],
  ...["--malformed", "0.02", "--duplicates", "0.1"],
];

async function columns(id: (typeof tableIds)["bronze"]) {
  const { schema } = (await catalogClient().table(id)) ?? {};
  return (schema?.fields ?? [])
    .filter(({ name }) => /epoch|incarnation/.test(name))
    .map((one) => `${one.name} ${one.id}`);
}
const bothColumns = async () => [await columns(tableIds.bronze), await columns(tableIds.dlq)];

/** What each stage says; nothing may fail, and only what a stream is known for may warn. */
async function expectValid(): Promise<ValidateResult> {
  const result = await current<ValidateResult>(["validate", "--deep", "--settle", "60s"]);
  expect(result.stages.map(({ status, detail }) => `${status}: ${detail}`)).toEqual(
    Array(6).fill(expect.stringMatching(/^pass|^warn: .* restart|^warn: .* compact: /)),
  );
  return result;
}

beforeAll(async () => {
  [before, now] = await Promise.all([
    earlierVersion(lastBefore, join(folder, "before")),
    projectCopy(join(folder, "now")),
  ]);
  const manifest = join(before, "datasets", "taxi.yml");
  writeFileSync(
    manifest,
    readFileSync(manifest, "utf8").replace(
      "  derived:\n",
      "  derived:\n    # kafka_epoch of each trip\n    - {name: topic_no, type: INT, expr: kafka_epoch + 1}\n",
    ),
  );
  mkdirSync(join(before, "datasets", "taxi", "marts"), { recursive: true });
  writeFileSync(
    join(before, "datasets", "taxi", "marts", "topics.sql"),
    "-- Trips of each kafka_epoch.\nSELECT kafka_epoch, COUNT(*) AS trips FROM bronze.raw_trips GROUP BY kafka_epoch\n",
  );
  await copyDatasets(before, now);
  await catalogClient().dropTable(gold);
  await freshTopic();
  // Services of the version before, with its jars: jobs that it left run in them.
  await pipectl(["down"]);
  await old(["up"]);
}, 600_000);
afterAll(async () => {
  await pipectl(["stop", "--cancel"], { env });
  await catalogClient().dropTable(gold);
});

test("an earlier version leaves a batch, acceptances, and streams with a savepoint; nothing is lost, doubled or made anew", async () => {
  await old(records(1_500));
  await old(["process"], {});
  await old(["dlq", "accept", "--yes", "--note", "of before"]);
  const begun = await old<StreamResult>(["process-streaming", "--silver"]);
  expect(begun.silver?.started).toBe(true);
  await old(records(1_000));
  await old(["validate", "--settle", "60s"]);
  const { stopped } = await old<StopResult>(["stop"]);
  const savepoints = Object.fromEntries(stopped.map(({ kind, savepoint }) => [kind, savepoint]));
  await old(records(700));
  beforeTakeover = (await catalogClient().table(tableIds.bronze))?.current?.id ?? "";
  const rebuilt = (await catalogClient().table(tableIds.silver))?.snapshots.length ?? 0;
  await old(["down"]);
  await current(["up"]);

  // Whoever only looks sees everything, and changes nothing.
  const former = await bothColumns();
  expect(former[0]).toEqual([expect.stringMatching(/^kafka_epoch \d+$/)]);
  for (const command of [["validate", "--deep"], ["tables"], ["dlq"], ["dlq", "show", "5"]])
    expect(await pipectl([...command, "--json"], { root: now, env })).toMatchObject({
      stdout: expect.not.stringContaining('"error": {'),
      stderr: expect.stringMatching(/datasets\/taxi\.yml:\d+: kafka_epoch is called kafka_incarnation now/),
    });
  expect((await current<LagResult>(["check-lag"])).totalUnlanded).toBe(700);
  const { tables, silverAnew } = await current<DiffResult>(["dataset", "diff"]);
  expect(silverAnew).toBe(false);
  expect(tables.flatMap(({ refusals }) => refusals)).toEqual([]);
  expect(tables.map(({ changes }) => changes.map(({ change }) => change))).toEqual([
    ["renamed", "added"],
    ["renamed", "added"],
    [],
  ]);
  const dlq = await current<{ accepted: number; partitions: Record<string, number>[] }>(["dlq"]);
  expect(dlq.accepted).toBeGreaterThan(0);
  expect(await bothColumns()).toEqual(former);

  // Silver's stream goes on from where it was stopped. Bronze's writes a column more, and begins where the tables end.
  const resumed = await current<StreamResult>(["process-streaming", "--silver"]);
  expect({ bronze: resumed.state, silver: resumed.silver?.state }).toEqual({ ...savepoints, bronze: null });
  expect(await bothColumns()).toEqual(
    former.map((names) => names.map((name) => name.replace("kafka_epoch", "kafka_incarnation"))),
  );
  await current(records(300));
  const { partitions, stages } = await expectValid();
  // Of the rows of before nobody can tell whether a value was changed.
  expect(stages[3]?.detail).toMatch(/ without a hash, older than the first one or accepted/);
  for (const line of partitions ?? []) expect(line).toMatchObject({ incarnation: 0, epoch: 0 });
  const account = await expectExactAccount();
  await expectExactSilver();
  const incarnations = await readTable("bronze.raw_trips", ["kafka_incarnation"]);
  expect(incarnations.length).toBe(account.bronze);
  expect(new Set(incarnations.map(([value]) => value))).toEqual(new Set([0]));
  expect(new Set((await readTable("silver.cleaned_trips", ["topic_no"])).map(([value]) => value))).toEqual(
    new Set([1]),
  );
  const silver = await catalogClient().table(tableIds.silver);
  expect(silver?.snapshots.slice(rebuilt).map(({ operation }) => operation)).toEqual(
    silver?.snapshots.slice(rebuilt).map(() => "append"),
  );
});

test("SQL of before works, and a query by hand says what the column is called", async () => {
  expect(await columns(gold)).toEqual([expect.stringMatching(/^kafka_epoch \d+$/)]);
  await current(["process-marts"]);
  expect(await columns(gold)).toEqual([expect.stringMatching(/^kafka_incarnation \d+$/)]);
  const [[, trips] = []] = await readTable("gold.taxi_topics", ["kafka_incarnation", "trips"]);
  expect(Number(trips)).toBe((await readTable("bronze.raw_trips", ["kafka_offset"])).length);
  const { exitCode, stderr } = await pipectl(["query", "SELECT MAX(kafka_epoch) FROM bronze.raw_trips"], {
    root: now,
    env,
  });
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining("kafka_epoch is called kafka_incarnation now"),
  ]);
});

test("a snapshot of before is read under the name of now, where Flink keeps the filter to itself", async () => {
  const { current: head } = (await catalogClient().table(tableIds.bronze)) ?? {};
  expect(head?.id).not.toBe(beforeTakeover);
  const { rows } = await current<{ rows: unknown[][] }>([
    "query",
    `SELECT COUNT(*) FROM bronze.raw_trips /*+ OPTIONS('snapshot-id' = '${beforeTakeover}') */ WHERE CAST(kafka_incarnation AS BIGINT) >= 0`,
  ]);
  expect(Number(rows[0]?.[0])).toBeGreaterThan(1_500);
});

test("the files get the names of now, for which no stream begins anew", async () => {
  const { rewritten, applied } = await current<ApplyResult>(["dataset", "apply", "--rewrite-manifest"]);
  expect(rewritten).toEqual([
    join(now, "datasets", "taxi.yml"),
    join(now, "datasets", "taxi", "marts", "topics.sql"),
  ]);
  expect(applied).toBe(false);
  const manifest = readFileSync(join(now, "datasets", "taxi.yml"), "utf8");
  expect(manifest).toContain(
    "# kafka_epoch of each trip\n    - {name: topic_no, type: INT, expr: kafka_incarnation + 1}",
  );
  const { stopped } = await current<StopResult>(["stop"]);
  const resumed = await current<StreamResult>(["process-streaming", "--silver"]);
  expect([resumed.state, resumed.silver?.state]).toEqual(stopped.map(({ savepoint }) => savepoint));
  await current(records(300));
  await expectValid();
  await expectExactAccount();
  await expectExactSilver();
});

test("streams of an earlier version that still run are taken over by the next command that writes", async () => {
  await current(["stop", "--cancel"]);
  await catalogClient().dropTable(gold);
  await freshTopic();
  await old(["process-streaming", "--silver"]);
  await old(records(1_000));
  await old(["validate", "--settle", "60s"]);
  // Beside the stream of before: its files go by ids.
  await current(["process-silver", "--from", "2019-01-01", "--to", "2019-01-10"]);
  expect(await columns(tableIds.bronze)).toEqual([expect.stringMatching(/^kafka_incarnation \d+$/)]);
  await current(records(1_000));
  await expectValid();
  await expectExactAccount();
  await expectExactSilver();
});

test("a batch run of an earlier version that was killed is taken up by the next one", async () => {
  await current(["stop"]);
  await catalogClient().dropTable(gold);
  await freshTopic();
  await old(records(1_000));
  await old(["process"], {});
  const made = (await catalogClient().table(tableIds.silver))?.snapshots.length ?? 0;
  await old(records(500));
  const killed = await interrupted(["process"], /job [0-9a-f]{32} \(pipectl bronze/, {
    root: before,
    env: { SUBMIT_VIA: "gateway" },
    signal: "SIGKILL",
  });
  expect(killed.seen).toBe(true);
  expect(Object.keys((await catalogClient().table(tableIds.bronze))?.refs ?? {})).toHaveLength(2);
  await current(["process"], {});
  await expectExactAccount();
  await expectExactSilver();
  for (const id of Object.values(tableIds))
    expect(Object.keys((await catalogClient().table(id))?.refs ?? {})).toEqual(["main"]);
  // Merged by date, not made anew: one more snapshot, and no deletion before it.
  expect((await catalogClient().table(tableIds.silver))?.snapshots).toHaveLength(made + 1);
  const { stages } = await current<ValidateResult>(["validate", "--deep"], {});
  expect(stages.map(({ status }) => status)).not.toContain("fail");
});
