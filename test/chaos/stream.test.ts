import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "../../src/dataset/synthetic/random.js";
import type { StreamJob, StreamResult } from "../../src/pipeline/stream/start.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { expectExactSilver } from "../helpers/iceberg.js";
import { steadyRecords } from "../helpers/records.js";
import { emptyStack, killServices, pipectl } from "../helpers/stack.js";

// The long form: CHAOS_SECONDS=600. What dies, and when, follows from the seed.
const seconds = Number(process.env.CHAOS_SECONDS ?? 60);
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));
// The short form is about the kills; to count what comes at 5,000 a second would take as long again.
const rate = Number(process.env.CHAOS_RATE ?? (seconds > 200 ? 5_000 : 2_000));

const random = new Random(seed);
const say = (text: string) => process.stdout.write(`${text}\n`);

const services = ["taskmanager-1", "jobmanager", "kafka", "catalog"] as const;
const victims = [...services, "everything"] as const;

const streaming = { env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "5s" } };

async function must(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await pipectl([...args, "--json"], streaming);
  expect(exitCode, `pipectl ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

const how = ({ started, state }: StreamJob) =>
  started ? `from ${state?.replace(/.*(?=chk-|savepoint-)/, "") ?? "the tables"}` : "by itself";

describe(`kill -9 while records come (CHAOS_SEED=${seed} CHAOS_SECONDS=${seconds})`, () => {
  beforeAll(emptyStack);
  afterAll(async () => void (await pipectl(["stop", "--cancel"])));

  test(
    "nothing is lost and nothing is there twice",
    async () => {
      say(`CHAOS_SEED=${seed} CHAOS_SECONDS=${seconds}`);
      // From a topic without a record on, into tables that are not there yet.
      await must("process-streaming", "--silver");
      const stopRecords = steadyRecords(rate);
      const until = performance.now() + seconds * 1000;
      let bag: (typeof victims)[number][] = [];
      try {
        while (performance.now() < until) {
          if (bag.length === 0) bag = [...victims];
          const [victim] = bag.splice(random.below(bag.length), 1) as [(typeof victims)[number]];
          const wait = 8_000 + random.below(seconds > 200 ? 20_000 : 8_000);
          await delay(wait);
          await killServices(...(victim === "everything" ? [] : [victim]));
          const began = performance.now();
          await must("up");
          const { silver, ...bronze } = JSON.parse(
            await must("process-streaming", "--silver"),
          ) as StreamResult;
          const took = ((performance.now() - began) / 1000).toFixed(1);
          say(
            `after ${wait} ms: ${victim}; back in ${took} s, ${how(bronze)}, silver ${how(silver as StreamJob)}`,
          );
        }
      } finally {
        await stopRecords();
      }
      const { counts, stages } = JSON.parse(
        (await pipectl(["validate", "--deep", "--settle", "120s", "--json"], streaming)).stdout,
      ) as ValidateResult;
      const { produced, bronze, dlq } = await expectExactAccount();
      expect(counts).toMatchObject({ produced, bronze, dlq, notLanded: 0, unaccounted: 0 });
      expect(produced).toBeGreaterThan(rate * 10);
      expect(stages.find(({ stage }) => stage === 5)).toMatchObject({
        status: "pass",
        detail: expect.not.stringContaining("not there yet"),
      });
      say(`${produced} records, each once; ${await expectExactSilver()} rows of silver`);
    },
    (seconds + 400) * 1000,
  );
});
