import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { Random } from "../../src/dataset/synthetic/random.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { seed } from "../helpers/draw.js";
import { expectExactSilver } from "../helpers/iceberg.js";
import { type Lie, lies, lyingCatalog } from "../helpers/lying-catalog.js";
import { steadyRecords } from "../helpers/records.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

// What is lied to tries again, with pauses: minutes on a machine that others use.
vi.setConfig({ testTimeout: 900_000 });

const random = new Random(seed, 9);
let catalog: Awaited<ReturnType<typeof lyingCatalog>>;
const through = (more: Record<string, string> = {}) => ({
  env: { CATALOG_PORT: catalog.port, SUBMIT_VIA: "gateway", ...more },
});

/** How often `process` is lied to; each lie comes alone before all come at once. */
const rounds = Number(process.env.CHAOS_RUNS ?? 4);
const order = [...lies].sort(() => random.float() - 0.5);
/**
 * What is said to be done and is not, a stream never writes again. What is sent again makes Iceberg's compaction delete the files that
 * its first commit has named: docs/account.md, "When a catalog says what is not so".
 */
const lossless = lies.filter((lie) => !["200, lost", "twice", "other totals"].includes(lie));

let batches = 0;
const generate = async (count = 500) =>
  await pipectlJson([
    ...["generate", "--count", String(count), "--seed", String(++batches)],
    ...["--malformed", "0.05", "--duplicates", "0.05"],
  ]);

/** A command may fail while it is lied to, but not by a bug, and it may not say PASS where the tables are wrong. */
async function lied(args: readonly string[], more: Record<string, string> = {}): Promise<number | undefined> {
  const { exitCode, stdout, stderr } = await pipectl(args, through(more));
  const all = `${args.join(" ")} ended with ${exitCode}\n${stdout}\n${stderr}\n${catalog.told.join("\n")}`;
  expect([0, 1, 3], all).toContain(exitCode);
  expect(stderr, all).not.toMatch(/\n {4}at |this is a bug/);
  return exitCode;
}

/** What validate says is so: nothing it passes is missing, doubled or foreign. */
async function expectNoFalsePass(more: Record<string, string> = {}, ...how: string[]): Promise<string> {
  const { stdout } = await pipectl(["validate", ...how, "--json"], through(more));
  const { status, counts } = JSON.parse(stdout) as ValidateResult;
  if (status === "pass" && counts?.notLanded === 0) await exact();
  return status;
}
const exact = async () =>
  await expectExactAccount().catch((error: Error) => {
    throw new Error(`${error.message}\n${catalog.told.join("\n")}`);
  });

/** Nobody lies any more: everything is there once, by pipectl's word and by an independent reader's. */
async function expectExactAgain(): Promise<void> {
  catalog.honest();
  await pipectlJson(["process"], through());
  const { stdout } = await pipectl(["validate", "--deep", "--json"], through());
  const { status, counts, stages } = JSON.parse(stdout) as ValidateResult;
  const about = `${JSON.stringify(stages)}\n${catalog.told.join("\n")}`;
  expect({ status, ...counts }, about).toMatchObject({ status: "pass", notLanded: 0, unaccounted: 0 });
  await exact();
  await expectExactSilver();
}

const say = (text: string) => process.stdout.write(`${text}\n`);

describe(`a catalog that lies (CHAOS_SEED=${seed})`, () => {
  beforeAll(async () => {
    say(`CHAOS_SEED=${seed}`);
    await emptyStack();
    catalog = await lyingCatalog(Number(inject("stack").CATALOG_PORT), random);
    await generate();
    await pipectlJson(["process"], through());
  });
  afterAll(async () => {
    say(catalog.told.join("\n"));
    await pipectl(["stop", "--cancel"], through({ MODE: "streaming_bronze" }));
    await catalog.close();
  });

  test("process: whatever it is told, nothing is lost or doubled, and nothing wrong is passed", async () => {
    for (let round = 0; round < rounds; round += 1) {
      await generate(100);
      // Each lie alone first, then all of them; not every time, or the first commit would be as far as a run comes.
      const of = round < lies.length ? [order[round] as Lie] : lies;
      catalog.lie(0.4 + 0.4 * random.float(), of, round % 3 === 0 ? 0.2 : 0);
      const exit = await lied(["process"]);
      await expectNoFalsePass();
      catalog.honest();
      say(`${of.length === 1 ? of[0] : "all"}: exit ${exit}, then ${await expectNoFalsePass()}`);
    }
    await expectExactAgain();
  });

  describe("a stream", () => {
    const streaming = { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s" };
    const start = async () =>
      await pipectlJson(["process-streaming", "--wait-checkpoint"], through(streaming));

    test("whatever is said of its commits, nothing is lost or doubled", async () => {
      await start();
      const stop = steadyRecords(200);
      try {
        for (let i = 0; i < rounds; i += 1) {
          const lie = lossless[random.below(lossless.length)] as Lie;
          await catalog.once(lie, random.below(2) === 0 ? "raw_trips" : "raw_trips_dlq");
          say(`${lie}: ${await expectNoFalsePass(streaming)}`);
        }
        const before = catalog.told.length;
        catalog.lie(0.4, lossless, 0.1);
        await vi.waitUntil(() => catalog.told.length >= before + 5, { timeout: 120_000, interval: 100 });
        catalog.honest();
      } finally {
        await stop();
      }
      const { stdout } = await pipectl(["validate", "--settle", "120s", "--json"], through(streaming));
      const { counts, stages } = JSON.parse(stdout) as ValidateResult;
      expect(counts, JSON.stringify(stages)).toMatchObject({ notLanded: 0, unaccounted: 0 });
      await exact();
      await pipectl(["stop"], through(streaming));
      await expectExactAgain();
    });
  });

  test("maintenance: no row is another", async () => {
    // The stream has left small files, so there is something to do.
    catalog.lie(0.5, lossless, 0.1);
    for (const args of [["compact-bronze"], ["maintain"], ["rewrite-manifests"], ["expire-snapshots"]]) {
      say(`${args}: exit ${await lied(args)}, then ${await expectNoFalsePass()}`);
      await generate(50);
    }
    await expectExactAgain();
  });

  test("replay: each dead letter is in one of both tables", async () => {
    for (let round = 0; round < 2; round += 1) {
      await generate(100);
      await pipectlJson(["process"], through());
      catalog.lie(0.5, lies, 0.1);
      say(`replay: exit ${await lied(["dlq", "replay"])}, then ${await expectNoFalsePass()}`);
      await lied(["dlq", "accept", "--yes"]);
      await expectExactAgain();
    }
  });
});
