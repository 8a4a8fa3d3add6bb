import { afterAll, beforeAll, expect, test } from "vitest";
import type { StatusResult } from "../../src/pipeline/stack/stack.js";
import type { StreamResult } from "../../src/pipeline/stream/start.js";
import type { StopResult } from "../../src/pipeline/stream/stop.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { addPartitions, produce } from "../helpers/kafka.js";
import { emptyStack, freshTopic, pipectl, pipectlJson } from "../helpers/stack.js";

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
beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

test("a stream begins where the batch ended, a second call changes nothing, and a batch run is refused", async () => {
  await generate();
  await pipectlJson(["process"]);
  const first = await start("--wait-checkpoint");
  expect(first).toMatchObject({ started: true, state: null, job: { state: "RUNNING" } });
  expect(await start()).toMatchObject({ started: false, job: { id: first.job.id } });
  expect((await json<StatusResult>("status")).jobs.map(({ id }) => id)).toEqual([first.job.id]);
  const batch = await pipectl(["process"]);
  expect(batch.exitCode).toBe(1);
  expect(batch.stderr).toContain(`a streaming job already reads the records: ${first.job.id}`);
  expect(batch.stderr).toContain("pipectl stop");
  await expectSettled();
});

test("two at once: one starts it, the other is told who is at work, or finds it running", async () => {
  await stop();
  expect(await stop()).toEqual([]);
  await generate();
  const both = await Promise.all([1, 2].map(() => pipectl(["process-streaming", "--json"], streaming)));
  const codes = both.map(({ stdout }) => {
    const answer = JSON.parse(stdout) as StreamResult & { readonly error?: { readonly code: string } };
    return answer.error?.code ?? answer.started;
  });
  expect(codes).toContain(true);
  expect([false, "busy"]).toContain(codes.find((code) => code !== true));
  expect((await json<StatusResult>("status")).jobs).toHaveLength(1);
  await expectSettled();
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

test("--start latest beside partitions that are empty or added later: what comes to them lands, stopped in between or not", async () => {
  await freshTopic();
  // One key: one partition, and two without a record.
  await produce(
    "taxi.raw_trips",
    Array(5).fill({ key: Buffer.from("k"), value: Buffer.from('{"VendorID":1}') }),
  );
  await start("--start", "latest", "--wait-checkpoint");
  await stop();
  await generate(600);
  await addPartitions("taxi.raw_trips", 4);
  await start();
  await generate(300);
  const { counts, partitions } = await json<ValidateResult>("validate", "--settle", "60s");
  expect(partitions).toHaveLength(4);
  expect(counts).toMatchObject({ produced: 905, skipped: 5, notLanded: 0, unaccounted: 0 });
  expect((counts?.bronze ?? 0) + (counts?.dlq ?? 0)).toBe(900);
  await stop();
  await pipectlJson(["process"]);
  const after = await pipectlJson<ValidateResult>(["validate", "--deep"]);
  expect(after).toMatchObject({ status: "pass", counts: { produced: 905, skipped: 5, unaccounted: 0 } });
});
