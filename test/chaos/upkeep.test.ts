import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { Random } from "../../src/dataset/synthetic/random.js";
import type { MaintainResult } from "../../src/pipeline/maintain/maintain.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { expectExactSilver } from "../helpers/iceberg.js";
import { steadyRecords } from "../helpers/records.js";
import { emptyStack, interrupted, killServices, pipectl, pipectlJson } from "../helpers/stack.js";

// The long form: CHAOS_SECONDS=600. Which runs are killed, and when, follows from the seed.
const seconds = Number(process.env.CHAOS_SECONDS ?? 45);
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e9));
const rate = Number(process.env.CHAOS_RATE ?? 2_000);

const random = new Random(seed);
const say = (text: string) => process.stdout.write(`${text}\n`);
const streaming = { env: { MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "1s", SUBMIT_VIA: "gateway" } };
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, streaming);
// Nothing stays that is not needed, and everything small is compacted.
const maintain = ["maintain", "--older-than", "0min", "--keep", "1", "--min-files", "5"];

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

describe(`maintain in a loop beside a stream of ${rate}/s (CHAOS_SEED=${seed} CHAOS_SECONDS=${seconds})`, () => {
  beforeAll(emptyStack);
  afterAll(async () => void (await pipectl(["stop", "--cancel"])));

  test(
    "nothing is lost, nothing is there twice, and the stream does not feel it",
    async () => {
      say(`CHAOS_SEED=${seed} CHAOS_SECONDS=${seconds}`);
      await json("process-streaming", "--silver", "--wait-checkpoint");
      const began = await streams();
      const stopRecords = steadyRecords(rate);
      const until = performance.now() + seconds * 1000;
      const total = { runs: 0, killed: 0, compactions: 0, conflicts: 0, expired: 0 };
      try {
        while (performance.now() < until) {
          total.runs++;
          if (total.runs % 3 === 2) {
            // In the middle of one of its jobs, whichever of them that is.
            const nth = 1 + random.below(2);
            const sign = new RegExp(`(?:job [0-9a-f]{32}[^]*){${nth}}`);
            const { seen } = await interrupted(maintain, sign, { env: streaming.env, signal: "SIGKILL" });
            if (seen) total.killed++;
            continue;
          }
          const { tables } = await json<MaintainResult>(...maintain);
          for (const { compaction, expired } of tables) {
            if (compaction?.snapshot != null) total.compactions++;
            total.conflicts += Math.max(0, (compaction?.attempts ?? 0) - 1);
            total.expired += (expired?.snapshotsBefore ?? 0) - (expired?.snapshotsAfter ?? 0);
          }
        }
      } finally {
        await stopRecords();
      }
      say(JSON.stringify(total));
      expect(total.compactions).toBeGreaterThan(0);
      expect(total.killed).toBeGreaterThan(0);
      expect(total.expired).toBeGreaterThan(seconds / 4);
      expect(await streams()).toEqual(began.map((job) => ({ ...job, state: "RUNNING", restarts: 0 })));
      await json("validate", "--settle", "60s");

      // All that a restart could need has been compacted and expired around it.
      await json<MaintainResult>(...maintain);
      await killServices("taskmanager-1");
      await json("up");
      await json("process-streaming", "--silver", "--wait-checkpoint");
      const { counts } = await json<ValidateResult>("validate", "--deep", "--settle", "60s");
      const { produced, bronze, dlq } = await expectExactAccount();
      expect(counts).toMatchObject({ produced, bronze, dlq, notLanded: 0, unaccounted: 0 });
      expect(produced).toBeGreaterThan(rate * 10);
      say(`${produced} records, each once; ${await expectExactSilver()} rows of silver`);

      // With no writer at work, what nothing names is what the killed runs have left.
      await json("stop");
      await json("vacuum", "--older-than", "0min", "--delete-files-of-writers-at-work");
      expect(await expectExactAccount()).toEqual({ produced, bronze, dlq });
    },
    (seconds + 400) * 1000,
  );
});
