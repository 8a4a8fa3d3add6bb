import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { LagResult } from "../../src/pipeline/lag.js";
import type { ProcessResult } from "../../src/pipeline/process.js";
import type { StatusResult } from "../../src/pipeline/stack.js";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import type { StopResult } from "../../src/pipeline/stream/stop.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { stackProcesses } from "../../src/runtime/local/processes.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, readTable, tableIds } from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const streaming = { env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "2s" } };
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, streaming);
const start = async (...args: string[]) => await json<StreamResult>("process-streaming", ...args);
const stop = async () => (await json<StopResult>("stop")).stopped;

let seed = 0;
const generate = async (count = 2_000) =>
  await pipectlJson([
    ...["generate", "--count", String(count), "--seed", String(++seed)],
    ...["--malformed", "0.02", "--duplicates", "0.05"],
  ]);
/** Everything has landed, by pipectl's own word, and what it says is true. */
async function expectSettled(): Promise<ValidateResult> {
  const validation = await json<ValidateResult>("validate", "--settle", "60s");
  const { produced, bronze, dlq } = await expectExactAccount();
  expect(validation.counts).toMatchObject({ produced, bronze, dlq, notLanded: 0, unaccounted: 0 });
  return validation;
}
async function silver(): Promise<string[]> {
  const columns = (await catalogClient().table(tableIds.silver))?.columns ?? [];
  return (await readTable("silver.cleaned_trips", columns)).map((row) => JSON.stringify(row)).sort();
}

beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

describe("from batch to streaming and back", () => {
  let first: StreamResult;

  test("a stream begins where the batch ended, and a second call changes nothing", async () => {
    await generate();
    await pipectlJson(["process"]);
    first = await start("--wait-checkpoint");
    expect(first).toMatchObject({ started: true, state: null, job: { state: "RUNNING" } });
    expect(first.checkpoint).toBeGreaterThan(0);
    const again = await start();
    expect(again).toMatchObject({ started: false, job: { id: first.job.id } });
    expect((await json<StatusResult>("status")).jobs.map(({ id }) => id)).toEqual([first.job.id]);
    // Its first commit would come now, if it had read the topic again.
    await expectSettled();
  });

  test("records land while it runs, silver is made beside it, and a batch run is refused", async () => {
    for (const _ of [1, 2, 3]) await generate();
    const { status, stages } = await expectSettled();
    expect(status).toBe("pass");
    expect(stages[1]?.detail).toMatch(/^1 RUNNING, 0 restarts/);
    await json("process-silver");
    expect(await json<ValidateResult>("validate", "--deep")).toMatchObject({ status: "pass" });
    expect(await json<LagResult>("check-lag", "--max-lag", "0")).toMatchObject({
      totalUnlanded: 0,
      totalLagSeconds: 0,
    });
    const batch = await pipectl(["process"]);
    expect(batch.exitCode).toBe(1);
    expect(batch.stderr).toContain(`a streaming job takes the records already: ${first.job.id}`);
    expect(batch.stderr).toContain("pipectl stop");
  });

  test("stop leaves a savepoint; a batch run takes the rest, and the next stream begins behind it", async () => {
    const [stopped] = await stop();
    expect(stopped).toMatchObject({ id: first.job.id, savepoint: expect.stringContaining("savepoint-") });
    expect(await stop()).toEqual([]);
    const { status, stages } = await json<ValidateResult>("validate");
    expect(status).toBe("warn");
    expect(stages[1]?.detail).toMatch(/^0 RUNNING: stopped on purpose at /);
    await generate();
    const batch = await pipectlJson<ProcessResult>(["process"]);
    expect(batch.jobs.map(({ state }) => state)).toEqual(["FINISHED", "FINISHED"]);
    await expectExactAccount();
    expect(await start()).toMatchObject({ started: true, state: null });
    await generate();
    await expectSettled();
  });

  test("after stop it goes on from the savepoint", async () => {
    const [stopped] = await stop();
    await generate();
    expect(await start()).toMatchObject({ started: true, state: stopped?.savepoint });
    await generate();
    await expectSettled();
    const restarted = await json<StreamResult>("restart-streaming");
    expect(restarted).toMatchObject({ started: true, state: expect.stringContaining("savepoint-") });
    await generate();
    await expectSettled();
  });

  test("silver is what a single batch run makes of the same topic, row by row", async () => {
    await json("process-silver");
    const grown = await silver();
    await stop();
    for (const id of Object.values(tableIds)) await catalogClient().dropTable(id);
    await pipectlJson(["process"]);
    await expectExactAccount();
    expect(await silver()).toEqual(grown);
    expect(grown.length).toBeGreaterThan(5_000);
  });
});

describe("what dies", () => {
  const kill = async (...names: string[]) => {
    const processes = await stackProcesses(inject("stack").STATE_DIR as string);
    for (const { name, pid } of processes) if (names.includes(name)) process.kill(pid, "SIGKILL");
  };

  test("the JobManager: the stream goes on from its last checkpoint", async () => {
    await start("--wait-checkpoint");
    await generate(20_000);
    await kill("jobmanager", "taskmanager-1");
    await json("up");
    const { state } = await start();
    expect(state).toMatch(/\/chk-\d+$/);
    await generate();
    await expectSettled();
  });

  test("the TaskManager: the job restarts by itself, and validate says so", async () => {
    await kill("taskmanager-1");
    await json("up");
    await generate();
    const { status, stages } = await expectSettled();
    expect(status).toBe("warn");
    expect(stages[1]?.detail).toMatch(/^1 RUNNING, [1-9]\d* restart/);
  });

  test("down stops it with a savepoint, and up and process-streaming go on from there", async () => {
    await generate();
    await json("down");
    await json("up");
    expect(await start()).toMatchObject({ state: expect.stringContaining("savepoint-") });
    await generate();
    await expectSettled();
    expect((await json<ValidateResult>("validate", "--deep")).status).not.toBe("fail");
  });
});

test("--start latest skips what has not landed, and the account shows it for ever", async () => {
  await stop();
  await generate(900);
  await start("--start", "latest");
  await generate(300);
  const { counts } = await json<ValidateResult>("validate", "--settle", "60s");
  expect(counts).toMatchObject({ skipped: 900, notLanded: 0, unaccounted: 0 });
  await stop();
  await pipectlJson(["process"]);
  const after = await pipectlJson<ValidateResult>(["validate", "--deep"]);
  expect(after).toMatchObject({ status: "pass", counts: { skipped: 900, notLanded: 0, unaccounted: 0 } });
});
