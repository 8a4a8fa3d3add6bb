import { afterAll, beforeAll, expect, test } from "vitest";
import { type SilverState, silverProperty } from "../../src/ledger/silver-state.js";
import type { ProcessResult } from "../../src/pipeline/batch/process.js";
import type { StatusResult } from "../../src/pipeline/stack/stack.js";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, expectExactSilver, silverRows, tableIds } from "../helpers/iceberg.js";
import { emptyStack, interrupted, pipectl, pipectlJson } from "../helpers/stack.js";

// The quicker of the two ways; stream.test.ts goes the other one.
const env = { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s", SUBMIT_VIA: "gateway" };
const json = async <T>(args: readonly string[], more: Record<string, string> = {}) =>
  await pipectlJson<T>(args, { env: { ...env, ...more } });
const start = async (...args: string[]) =>
  await json<StreamResult>(["process-streaming", "--silver", ...args]);

let seed = 70;
const records = (count: number) => [
  ...["generate", "--count", String(count), "--seed", String(++seed)],
  ...["--malformed", "0.02", "--duplicates", "0.1"],
];
const running = async () =>
  (await json<StatusResult>(["status"])).jobs.map(({ name }) => name.split(" ").slice(0, 3).join(" ")).sort();
const bothRun = ["pipectl streaming bronze", "pipectl streaming silver"];

/** Everything has landed and come to silver, by pipectl's own word, and what it says is true. */
async function expectSettled(): Promise<number> {
  const { stages } = await json<ValidateResult>(["validate", "--deep", "--settle", "60s"]);
  expect(stages.map(({ status, detail }) => `${status}: ${detail}`)).toEqual(
    Array(stages.length).fill(expect.stringMatching(/^pass|^warn: .* restart|^warn: .* compact: /)),
  );
  await expectExactAccount();
  const rows = await expectExactSilver();
  expect(stages[4]?.detail).toContain(`${rows.toLocaleString("en-US")} keys of bronze, each with its row`);
  return rows;
}

const silverStage = async () =>
  (JSON.parse((await pipectl(["validate", "--deep", "--json"], { env })).stdout) as ValidateResult).stages[4];

beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

test("silver follows bronze from tables that do not exist on, and a second call changes nothing", async () => {
  const { silver, ...bronze } = await start();
  expect(silver).toMatchObject({ started: true, job: { state: "RUNNING" } });
  expect(await start()).toMatchObject({
    ...{ started: false, job: { id: bronze.job.id } },
    silver: { started: false, job: { id: silver?.job.id } },
  });
  await json(records(3_000));
  expect(await expectSettled()).toBeGreaterThan(2_000);
  // Also where no batch run has ever made it, a range is only a range.
  const coming = json([...records(4_000), "--rate", "500"]);
  await json(["process-silver", "--from", "2019-01-01", "--to", "2019-01-03"]);
  expect(await running()).toEqual(bothRun);
  await coming;
  await expectSettled();
  const { silver: total } = await json<ProcessResult>(["process-silver"]);
  expect(total?.total).toBe(await expectExactSilver());
});

test("pipectl killed while the keys are read: the next start begins anew", async () => {
  await json(["stop", "--cancel"]);
  const { seen } = await interrupted(
    ["process-streaming", "--silver", "--from-tables"],
    /silver's keys|reading its keys/,
    {
      env,
      signal: "SIGKILL",
    },
  );
  expect(seen).toBe(true);
  await json(records(1_000));
  await start();
  expect(await running()).toEqual(bothRun);
  await expectSettled();
});

test("Ctrl-C in making a range anew leaves both streams as they were, and so does a kill, after the next start", async () => {
  const range = ["process-silver", "--from", "2019-01-01", "--to", "2019-01-31"];
  const asked = await interrupted(range, /job [0-9a-f]{32} \(pipectl silver/, { env });
  expect(asked).toMatchObject({ seen: true, exitCode: 130 });
  expect(await running()).toEqual(bothRun);
  const killed = await interrupted(range, /job [0-9a-f]{32} \(pipectl silver/, { env, signal: "SIGKILL" });
  expect(killed.seen).toBe(true);
  await json(records(1_000));
  await start();
  expect(await running()).toEqual(bothRun);
  await expectSettled();
});

test("a silver that was set back is found, and the way back is one command", async () => {
  await json(["stop"]);
  const silver = await catalogClient().table(tableIds.silver);
  const before = silver?.snapshots.find(({ id }) => id === silver.current?.parentId);
  if (silver?.current === undefined || before === undefined) throw new Error("silver has no history");
  await catalogClient().commit({
    id: silver.id,
    assertRefs: { main: silver.current.id },
    setRefs: { main: before.id },
  });
  expect(await silverStage()).toMatchObject({
    status: "fail",
    detail: expect.stringContaining("was changed by another program"),
  });
  await start();
  await json(records(500));
  await expectSettled();
});

test("what is missing in silver, and what should not be there, is counted, and a range makes it good", async () => {
  await json(["stop"]);
  const client = catalogClient();
  const [silver, bronze] = await Promise.all([client.table(tableIds.silver), client.table(tableIds.bronze)]);
  if (silver?.current === undefined || bronze?.current === undefined) throw new Error("the tables are empty");
  const rowsOf = (id: string | null) =>
    Number(silver.snapshots.find((one) => one.id === id)?.summary["total-records"]);
  const before = silver.current.parentId as string;
  const recorded = JSON.parse(silver.properties[silverProperty] as string) as SilverState;
  // As if the last rows had never come, and a batch run had made all of it.
  const forged = {
    ...{ version: 1, rules: recorded.rules },
    ...{ bronzeSnapshot: bronze.current.id, silverSnapshot: before },
  };
  await client.commit({
    id: silver.id,
    assertRefs: { main: silver.current.id },
    setRefs: { main: before },
    setProperties: { [silverProperty]: JSON.stringify(forged) },
  });
  const gone = rowsOf(silver.current.id) - rowsOf(before);
  expect(await silverStage()).toMatchObject({
    status: "fail",
    detail: expect.stringContaining(`${gone} keys of bronze missing`),
  });
  await json(["process-silver", "--from", "2018-12-01", "--to", "2019-12-31"]);
  await expectExactSilver();
  expect(await silverStage()).toMatchObject({ status: "pass" });
  const older = bronze.current.parentId as string;
  const move = async (from: string, to: string) =>
    await client.commit({ id: bronze.id, assertRefs: { main: from }, setRefs: { main: to } });
  await move(bronze.current.id, older);
  expect(await silverStage()).toMatchObject({
    status: "fail",
    detail: expect.stringMatching(
      /^[\d,]+ rows, keys unique, filters hold; \d+ keys? that bronze does not have$/,
    ),
  });
  await move(older, bronze.current.id);
});

test("at its end silver is what a single batch run makes of the same topic, row by row", async () => {
  await json(["stop"]);
  const grown = await silverRows();
  for (const id of Object.values(tableIds)) await catalogClient().dropTable(id);
  await pipectlJson(["process"]);
  expect(await silverRows()).toEqual(grown);
});
