import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { Random } from "../../src/dataset/synthetic/random.js";
import type { StatusResult } from "../../src/pipeline/stack/stack.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { stackProcesses } from "../../src/runtime/jvm/processes.js";
import { expectExactAccount } from "../helpers/account.js";
import { projectRoot } from "../helpers/environment.js";
import { catalogClient, silverRows, tableIds } from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

// Set them to run it for longer, or to run the same again: what is killed, when, and what is sent follow from the seed.
const runs = Number(process.env.CHAOS_RUNS ?? 2);
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));

const random = new Random(seed);
/** For whoever reads the output of the tests: what is not shown cannot be run again. */
const say = (text: string) => process.stdout.write(`${text}\n`);

const victims = [
  "pipectl",
  "sql-client",
  "gateway",
  "taskmanager-1",
  "jobmanager",
  "kafka",
  "catalog",
] as const;
/** Each one once before any comes again; which comes when follows from the seed. */
const order: (typeof victims)[number][] = [];
while (order.length < runs) {
  const bag = [...victims];
  while (bag.length > 0) order.push(...bag.splice(random.below(bag.length), 1));
}

/** The JVMs of the stack, the SQL client included. */
const jvms = async () => await stackProcesses(inject("stack").STATE_DIR as string);

/**
 * Runs `process` and kills one thing once so many milliseconds have passed and it is there.
 *
 * @returns how the run ended, how long it took, and whether it was killed in: nothing is once it has ended
 */
async function processAndKill(victim: string, afterMs: number) {
  const began = performance.now();
  const child = spawn(process.execPath, [join(projectRoot, "dist", "cli.js"), "process"], {
    env: { ...process.env, ...inject("stack") },
    stdio: "ignore",
  });
  let runs = true;
  const ended = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => {
      runs = false;
      resolve(String(signal ?? code));
    });
  });
  let hit = false;
  const kill = (pid: number | undefined) => {
    try {
      if (!runs || pid === undefined) return false;
      process.kill(pid, "SIGKILL");
      return true;
    } catch {
      return false;
    }
  };
  await Promise.race([ended, delay(afterMs)]);
  // The SQL client is there for a part of the run only.
  while (runs && !hit) {
    hit = kill(victim === "pipectl" ? child.pid : (await jvms()).find(({ name }) => name === victim)?.pid);
    if (!hit) await Promise.race([ended, delay(20)]);
  }
  // A killed service leaves pipectl waiting for as long as the service may take to come back; a person would not.
  const over = await Promise.race([ended, delay(20_000, "still waiting")]);
  if (over === "still waiting") child.kill("SIGKILL");
  const how = await ended;
  // What had ended by itself when the signal came was not killed.
  if (victim === "pipectl" && how !== "SIGKILL") hit = false;
  return { hit, over: how, tookMs: performance.now() - began };
}

async function mustSucceed(args: readonly string[], what: string): Promise<void> {
  const { exitCode, stderr } = await pipectl(args);
  expect(exitCode, `${what}: pipectl ${args.join(" ")}\n${stderr}`).toBe(0);
}

let batches = 0;
/** Records that were not there yet. */
const generate = () =>
  pipectlJson([
    ...["generate", "--count", "3000", "--seed", String(batches++)],
    ...["--malformed", "0.02", "--duplicates", "0.05"],
  ]);

describe(`kill -9 in the middle of process (CHAOS_SEED=${seed} CHAOS_RUNS=${runs})`, () => {
  let duration = 0;
  beforeAll(async () => {
    say(`CHAOS_SEED=${seed} CHAOS_RUNS=${runs}`);
    await emptyStack();
    await generate();
    await pipectlJson(["process"]);
    // The quickest of some warm runs is the measure.
    duration = Number.POSITIVE_INFINITY;
    for (const _warm of [1, 2]) {
      await generate();
      const start = performance.now();
      await pipectlJson(["process"]);
      duration = Math.min(duration, performance.now() - start);
    }
  });

  test.each(order.slice(0, runs).map((victim, i) => ({ run: i + 1, victim, moment: random.float() })))(
    "run $run: $victim at $moment of the run",
    async ({ run, victim, moment }) => {
      // A run that is quicker than those of before ends before its kill: it is the measure of another one.
      let hits = 0;
      for (let attempt = 1; attempt <= 5 && hits === 0; attempt++) {
        await generate();
        const afterMs = Math.round(moment * duration);
        const { hit, over, tookMs } = await processAndKill(victim, afterMs);
        say(
          `run ${run}: ${victim} ${hit ? "killed" : "not there to kill"} after ${afterMs} ms; process ended with ${over}`,
        );
        if (hit) hits++;
        else duration = Math.min(duration, tookMs);
      }
      expect(hits, `${victim} was there to kill in none of five runs`).toBe(1);
      await mustSucceed(["up"], `run ${run}`);
      await mustSucceed(["process"], `run ${run}`);
      expect(await expectExactAccount()).toMatchObject({ produced: expect.any(Number) });
      const { status, counts } = await pipectlJson<ValidateResult>(["validate"]);
      expect({ status, unaccounted: counts?.unaccounted }).toEqual({ status: "pass", unaccounted: 0 });

      // Nothing is left behind: no branch, no job, no lock, no JVM that is not one of the stack's.
      for (const id of Object.values(tableIds)) {
        expect(Object.keys((await catalogClient().table(id))?.refs ?? {})).toEqual(["main"]);
      }
      expect((await pipectlJson<StatusResult>(["status"])).jobs).toEqual([]);
      const home = inject("stack").STATE_DIR as string;
      const locks = readdirSync(join(home, "locks"), { recursive: true, encoding: "utf8" });
      expect(locks.filter((name) => name.endsWith(".lock"))).toEqual([]);
      const services = ["kafka", "jobmanager", "taskmanager-1", "gateway", "catalog"];
      await expect
        .poll(async () => (await jvms()).map(({ name }) => name).sort(), { timeout: 30_000 })
        .toEqual(services.sort());
    },
  );

  test("silver is what a single clean run makes of the same bronze, row by row", async () => {
    const merged = await silverRows();
    await catalogClient().dropTable(tableIds.silver);
    await pipectlJson(["process-silver"]);
    expect(merged.length).toBeGreaterThan(1_000);
    expect(await silverRows()).toEqual(merged);
  });
});
