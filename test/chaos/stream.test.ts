import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Random } from "../../src/dataset/synthetic/random.js";
import type { MaintainResult } from "../../src/pipeline/maintain/maintain.js";
import type { StreamJob, StreamResult } from "../../src/pipeline/stream/start.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { expectExactSilver } from "../helpers/iceberg.js";
import { steadyRecords } from "../helpers/records.js";
import { emptyStack, interrupted, killServices, pipectl, pipectlJson } from "../helpers/stack.js";
import { maintainAll } from "../helpers/upkeep.js";

// The long form: CHAOS_SECONDS=600, each half of it so long. What dies, and when, follows from the seed.
const seconds = Number(process.env.CHAOS_SECONDS ?? 15);
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));
const rate = Number(process.env.CHAOS_RATE ?? 2_000);

const random = new Random(seed);
const say = (text: string) => process.stdout.write(`${text}\n`);

const services = ["taskmanager-1", "jobmanager", "kafka", "catalog"] as const;
const victims = [...services, "everything"] as const;

const streaming = { env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s", SUBMIT_VIA: "gateway" } };
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, streaming);

/** Jobs that run, with what Flink has counted of them since they began; until its tasks run a job's checkpoints fail. */
async function streams() {
  const { jobs } = await json<{ jobs: { id: string; state: string; restarts: number }[] }>("status");
  const counts = jobs.map(async ({ id, state, restarts }) => {
    const url = `http://127.0.0.1:${inject("stack").FLINK_PORT}/jobs/${id}/checkpoints`;
    const { counts: of } = (await (await fetch(url)).json()) as { counts: { failed: number } };
    return { id, state, restarts, failed: of.failed };
  });
  return await Promise.all(counts);
}

/**
 * Upkeep without a pause; each third run dies in the middle of one of its jobs. The streams are not to feel any of it. On a slow
 * machine it goes on until each kind of upkeep has happened.
 */
async function maintainInALoop(): Promise<void> {
  const before = await streams();
  const total = { runs: 0, killed: 0, compactions: 0, conflicts: 0, expired: 0 };
  const happened = () => total.killed > 0 && total.compactions > 0 && total.expired > seconds / 4;
  const [until, atLast] = [seconds, seconds + 180].map((s) => performance.now() + s * 1000) as [
    number,
    number,
  ];
  while (performance.now() < until || (!happened() && performance.now() < atLast)) {
    if (++total.runs % 3 === 2) {
      const sign = new RegExp(`(?:job [0-9a-f]{32}[^]*){${1 + random.below(2)}}`);
      const { seen } = await interrupted(maintainAll, sign, { env: streaming.env, signal: "SIGKILL" });
      if (seen) total.killed++;
      continue;
    }
    for (const { compaction, expired } of (await json<MaintainResult>(...maintainAll)).tables) {
      if (compaction?.snapshot != null) total.compactions++;
      total.conflicts += Math.max(0, (compaction?.attempts ?? 0) - 1);
      total.expired += (expired?.snapshotsBefore ?? 0) - (expired?.snapshotsAfter ?? 0);
    }
  }
  say(JSON.stringify(total));
  expect(happened(), JSON.stringify(total)).toBe(true);
  expect(await streams()).toEqual(before.map((job) => ({ ...job, state: "RUNNING", restarts: 0 })));
}

const how = ({ started, state }: StreamJob) =>
  started ? `from ${state?.replace(/.*(?=chk-|savepoint-)/, "") ?? "the tables"}` : "by itself";

/** One service after the other dies, or all at once; with upkeep in between. */
async function killWhileRecordsCome(): Promise<void> {
  // All at once first: of the short form nobody knows how far it comes.
  let victim: (typeof victims)[number] = "everything";
  let bag: (typeof victims)[number][] = [...services];
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const wait = 5_000 + random.below(seconds > 200 ? 20_000 : 8_000);
    await delay(wait);
    await killServices(...(victim === "everything" ? [] : [victim]));
    const began = performance.now();
    await json("up");
    const { silver, ...bronze } = await json<StreamResult>(
      "process-streaming",
      "--silver",
      "--wait-checkpoint",
    );
    const took = ((performance.now() - began) / 1000).toFixed(1);
    say(`after ${wait} ms: ${victim}; back in ${took} s, ${how(bronze)}, silver ${how(silver as StreamJob)}`);
    await json<MaintainResult>(...maintainAll);
    if (bag.length === 0) bag = [...victims];
    [victim] = bag.splice(random.below(bag.length), 1) as [(typeof victims)[number]];
  }
}

describe(`a stream of ${rate}/s (CHAOS_SEED=${seed} CHAOS_SECONDS=${seconds})`, () => {
  beforeAll(emptyStack);
  afterAll(async () => void (await pipectl(["stop", "--cancel"])));

  test(
    "upkeep in a loop, then kill -9 of what it runs on: nothing is lost and nothing is there twice",
    async () => {
      say(`CHAOS_SEED=${seed} CHAOS_SECONDS=${seconds}`);
      // From a topic without a record on, into tables that are not there yet.
      await json("process-streaming", "--silver", "--wait-checkpoint");
      const stopRecords = steadyRecords(rate);
      try {
        await maintainInALoop();
        await killWhileRecordsCome();
      } finally {
        await stopRecords();
      }
      const { counts, stages } = await json<ValidateResult>("validate", "--deep", "--settle", "120s");
      const { produced, bronze, dlq } = await expectExactAccount();
      expect(counts).toMatchObject({ produced, bronze, dlq, notLanded: 0, unaccounted: 0 });
      expect(produced).toBeGreaterThan(rate * 10);
      expect(stages.find(({ stage }) => stage === 5)).toMatchObject({
        status: "pass",
        detail: expect.not.stringContaining("not in silver yet"),
      });
      say(`${produced} records, each once; ${await expectExactSilver()} rows of silver`);

      // With no writer at work, what nothing names is what the killed runs have left.
      await json("stop");
      await json("vacuum", "--older-than", "0min", "--delete-files-of-writers-at-work");
      expect(await expectExactAccount()).toEqual({ produced, bronze, dlq });
    },
    (2 * seconds + 680) * 1000,
  );
});
