import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { emptyStack, freshTopic, pipectl, pipectlJson } from "../helpers/stack.js";

/**
 * A machine that has other things to do, as a CI runner has: nothing is wrong, and nothing may be said to be. BUSY_ROUNDS is how often
 * (once), BUSY_LOAD how many programs want each core (6).
 */
const rounds = Number(process.env.BUSY_ROUNDS ?? 1);
const load = Number(process.env.BUSY_LOAD ?? 6);

let loops: readonly ChildProcess[] = [];
beforeAll(async () => {
  await emptyStack();
  loops = Array.from({ length: load * availableParallelism() }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
});
afterAll(async () => {
  for (const loop of loops) loop.kill("SIGKILL");
  await pipectl(["stop", "--cancel"]);
});

const streaming = { env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "5s" } };
let seed = 0;
const generate = async (count: number) =>
  await pipectlJson(["generate", "--count", String(count), "--seed", String(++seed), "--malformed", "0.01"]);

/** What validate holds against a pipeline that works. */
async function complaints(options: readonly string[], how: Parameters<typeof pipectl>[1] = {}) {
  const { exitCode, stdout, stderr } = await pipectl(["validate", "--json", ...options], how);
  const { stages } = JSON.parse(stdout) as ValidateResult;
  const wrong = stages.filter(({ status }) => status === "fail" || status === "unknown");
  return { exitCode, wrong, ...(exitCode === 0 ? {} : { stderr }) };
}
const none = { exitCode: 0, wrong: [] };

describe.each(Array.from({ length: rounds }, (_, i) => i + 1))("round %i on a busy machine", (round) => {
  test("batch: generate, process, validate --deep", { timeout: 900_000 }, async () => {
    if (round > 1) await freshTopic();
    await generate(3_000);
    await pipectlJson(["process"]);
    expect(await complaints(["--deep"])).toEqual(none);
    await expectExactAccount();
  });

  test("streams: begun, fed, looked at, settled, stopped", { timeout: 900_000 }, async () => {
    await pipectlJson(["process-streaming", "--silver"], streaming);
    // At once: Flink may still be bringing the jobs to run.
    expect(await complaints([], streaming)).toEqual(none);
    const feeding = generate(3_000);
    expect(await complaints([], streaming)).toEqual(none);
    expect(await complaints(["--deep"], streaming)).toEqual(none);
    await feeding;
    expect(await complaints(["--deep", "--settle", "300s"], streaming)).toEqual(none);
    await pipectlJson(["stop"], streaming);
    await expectExactAccount();
    expect(await complaints(["--deep"])).toEqual(none);
  });
});
