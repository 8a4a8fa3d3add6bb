import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { catalogClient, expectExactSilver, tableIds } from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const env = {
  MODE: "streaming_bronze",
  MAINTENANCE: "inline",
  CHECKPOINT_INTERVAL: "500ms",
  SUBMIT_VIA: "gateway",
};
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, { env });
let sent = 0;
/** 300 records in three seconds: each checkpoint has some for both tables. */
const generate = async () => {
  sent += 300;
  await json(
    ...["generate", "--count", "300", "--rate", "100", "--seed", String(sent)],
    ...["--malformed", "0.1", "--duplicates", "0.05"],
  );
};
const expectAllLanded = async () => {
  await json<ValidateResult>("validate", "--settle", "60s");
  expect((await expectExactAccount()).produced).toBe(sent);
};
const streams = async () =>
  (await json<{ jobs: { state: string }[] }>("status")).jobs.map(({ state }) => state);

/** Data files of a table: those that appends have brought, and those that readers open. */
async function filesOf(
  kind: "bronze" | "dlq",
): Promise<{ written: number; now: number; rewritten: boolean }> {
  const table = await catalogClient().table(tableIds[kind]);
  const appends = table?.snapshots.filter(({ operation }) => operation === "append") ?? [];
  return {
    written: appends.reduce((sum, { summary }) => sum + Number(summary["added-data-files"] ?? 0), 0),
    now: Number(table?.current?.summary["total-data-files"] ?? 0),
    rewritten: table?.snapshots.some(({ operation }) => operation === "replace") ?? false,
  };
}

beforeAll(emptyStack);
afterAll(async () => void (await pipectl(["stop", "--cancel"])));

test("the stream makes its many files few by itself: no row is another, lost or twice, in silver neither", async () => {
  await json("process-streaming", "--silver", "--wait-checkpoint");
  await vi.waitUntil(
    async () => {
      await generate();
      const [bronze, dlq] = [await filesOf("bronze"), await filesOf("dlq")];
      return bronze.rewritten && dlq.rewritten;
    },
    { timeout: 400_000, interval: 10 },
  );
  for (const kind of ["bronze", "dlq"] as const) {
    const { written, now } = await filesOf(kind);
    expect(now, kind).toBeLessThan(written / 2);
  }
  await expectAllLanded();
  await expectExactSilver();
  expect(await streams()).toEqual(["RUNNING", "RUNNING"]);
  // Silver's files are nobody's here: where they are a hundred by now, stage 6 says so.
  const { stages } = await json<ValidateResult>("validate", "--deep");
  expect(stages.filter(({ stage, status }) => stage !== 6 && status !== "pass")).toEqual([]);
  // Sixty checkpoints take half a minute, but on a machine with much else to do.
}, 600_000);

test("it goes on from its savepoint; with the key changed it is another job, and begins where the tables end", async () => {
  await json("stop");
  const again = await pipectl(["process-streaming", "--wait-checkpoint"], { env });
  expect(again.stderr).toContain("Stream: resumes from file:");
  await generate();
  const off = { env: { ...env, MAINTENANCE: "off" } };
  const { stderr } = await pipectl(["restart-streaming"], off);
  expect(stderr).toContain("starts where the tables end: the job is another one than the last stream's");
  await generate();
  await expectAllLanded();
  expect(await pipectlJson<ValidateResult>(["validate", "--deep"], off)).toMatchObject({
    counts: { produced: sent, unaccounted: 0 },
  });
});
