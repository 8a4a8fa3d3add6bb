import { describe, expect, it } from "vitest";
import type { Checkpoints, JobState } from "../../../../src/flink/rest.js";
import type { StreamMark, StreamStop } from "../../../../src/lake/stream-mark.js";
import { rulesOf, silverProperty } from "../../../../src/ledger/silver-state.js";
import { streamVerdict } from "../../../../src/pipeline/validate/stream-verdict.js";
import { accountOf, icebergTable, snapshot, withAccount } from "../../../helpers/tables.js";
import { configOf, taxi, workspaceOf } from "../../../helpers/workspace.js";

const job = (state: JobState, id = "0a", kind = "bronze", secondsAgo = 60) => ({
  ...{ id, name: `pipectl streaming ${kind} taxi 20260101T000000-abcd`, state },
  ...{ startTime: Date.now() - secondsAgo * 1000, durationMs: secondsAgo * 1000 },
});
const checkpointed = (secondsAgo: number, more: Partial<Checkpoints> = {}): Checkpoints => ({
  lastCompleted: { id: 5, at: Date.now() - secondsAgo * 1000, path: "file:/c/0a/chk-5" },
  lastFailed: undefined,
  ...more,
});

const silverState = (mark: Partial<StreamMark> | undefined) => ({
  ...{ version: 1, bronzeSnapshot: "1", silverSnapshot: "1", rules: rulesOf(taxi) },
  ...(mark === undefined ? {} : { stream: { run: "s", jobs: ["5a"], topology: "t", ...mark } }),
});

async function look(how: {
  readonly jobs: readonly ReturnType<typeof job>[];
  readonly restarts?: number;
  readonly checkpoints?: Checkpoints;
  readonly stopped?: StreamStop;
  /** The mark of a continuous silver; none was begun unless it is given. */
  readonly silver?: Partial<StreamMark> | undefined;
  readonly paused?: boolean;
  /** That the account was made for. */
  /** What Flink says of the job's failures; null where it knows of none. */
  readonly cause?: string | null;
  readonly tasks?: readonly string[];
  readonly snapshots?: { readonly bronzeSnapshot: string; readonly dlqSnapshot: string };
}) {
  const { cause = "IOException: disk on fire", tasks = ["RUNNING", "RUNNING"] } = how;
  const { jobs, restarts = 0, checkpoints = checkpointed(3), stopped, silver, paused = false } = how;
  const { snapshots = { bronzeSnapshot: "1", dlqSnapshot: "1" } } = how;
  const stream = { run: "s", jobs: ["0a"], topology: "t", ...(stopped === undefined ? {} : { stopped }) };
  return await streamVerdict(
    workspaceOf({
      config: configOf({ MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "10s" }),
      flink: {
        jobs: async () => [...jobs],
        jobState: async (id) => jobs.find((one) => one.id === id)?.state,
        restarts: async () => restarts,
        checkpoints: async () => checkpoints,
        rootCause: async () => cause ?? undefined,
        vertices: async () => tasks.map((state) => ({ name: "Source: topic", state })),
      },
      catalog: {
        table: async ({ namespace }) =>
          icebergTable([snapshot("1", null)], {
            properties:
              namespace === "bronze"
                ? withAccount(accountOf({ stream, ...snapshots }))
                : { [silverProperty]: JSON.stringify({ ...silverState(silver), paused }) },
          }),
      },
    }),
  );
}

describe("the stage of a stream", () => {
  it("passes while its job is RUNNING and checkpoints are completed", async () => {
    const stage = await look({ jobs: [job("RUNNING"), job("FAILED", "0b")] });
    expect(stage).toMatchObject({ status: "pass" });
    expect(stage.detail).toMatch(/^1 RUNNING, 0 restarts, checkpoint 5 completed 3\.\d s ago$/);
  });

  it("warns of restarts, and of a checkpoint that failed after the last good one", async () => {
    expect(await look({ jobs: [job("RUNNING")], restarts: 3 })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("1 RUNNING, 3 restarts"),
    });
    const failed = (secondsAgo: number) =>
      checkpointed(3, { lastFailed: { at: Date.now() - secondsAgo * 1000, why: "IOException: no space" } });
    expect(await look({ jobs: [job("RUNNING")], checkpoints: failed(1) })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("the next one failed: IOException: no space"),
    });
    expect(await look({ jobs: [job("RUNNING")], checkpoints: failed(9) })).toMatchObject({ status: "pass" });
  });

  it("fails where RUNNING hides that no checkpoint is completed, with the reason", async () => {
    const late = checkpointed(40, { lastFailed: { at: Date.now(), why: "IOException: no space" } });
    expect(await look({ jobs: [job("RUNNING")], checkpoints: late })).toMatchObject({
      status: "fail",
      detail: expect.stringMatching(
        /completed 40\.\d s ago \(file:\/c\/0a\/chk-5\), though one is due each 10\.0 s: IOException: no space/,
      ),
    });
    const { lastCompleted: _, ...rest } = checkpointed(0);
    const never = { ...rest, lastCompleted: undefined };
    expect(await look({ jobs: [job("RUNNING")], checkpoints: never })).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("no checkpoint yet"),
    });
  });

  it("warns, and does not fail, while Flink brings the job to run", async () => {
    for (const state of ["CREATED", "INITIALIZING"] as const) {
      expect(await look({ jobs: [job(state)], cause: null })).toMatchObject({
        status: "warn",
        detail: `0 RUNNING, 0 restarts; job 0a is ${state}: Flink is about to run it`,
      });
    }
    const never: Checkpoints = { lastCompleted: undefined, lastFailed: undefined };
    const starting = { checkpoints: never, cause: null, tasks: ["RUNNING", "DEPLOYING", "SCHEDULED"] };
    expect(await look({ jobs: [job("RUNNING", "0a", "bronze", 200)], ...starting })).toMatchObject({
      status: "warn",
      detail: "1 RUNNING, 0 restarts; no checkpoint yet: its tasks are DEPLOYING and SCHEDULED",
    });
    expect(await look({ jobs: [job("RUNNING", "0a", "bronze", 400)], ...starting })).toMatchObject({
      status: "fail",
    });
  });

  it("warns for a minute where Flink is slow and knows of nothing bad, then fails", async () => {
    const late = (secondsAgo: number) =>
      look({ jobs: [job("RUNNING")], cause: null, checkpoints: checkpointed(secondsAgo) });
    expect(await late(90)).toMatchObject({
      status: "warn",
      detail: expect.stringMatching(/completed 1 min 30 s ago: Flink is slow, and knows of nothing bad$/),
    });
    expect(await late(100)).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("Flink gives no reason"),
    });
  });

  it("fails where another tool has expired what the job's restart would need, although it runs well", async () => {
    const snapshots = { bronzeSnapshot: "1", dlqSnapshot: "7" };
    expect(await look({ jobs: [job("RUNNING")], snapshots })).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("job 0a is RUNNING, but bronze.raw_trips no longer has snapshot 7"),
      hint: "pipectl repair",
    });
  });

  it("fails while the job is restarted, with the cause", async () => {
    expect(await look({ jobs: [job("RESTARTING")], restarts: 2 })).toMatchObject({
      status: "fail",
      detail: "0 RUNNING, 2 restarts; job 0a is RESTARTING: IOException: disk on fire",
    });
  });

  it("fails where two jobs read the same records", async () => {
    const stage = await look({ jobs: [job("RUNNING"), job("RUNNING", "0b")] });
    expect(stage).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("2 jobs read the same records"),
    });
  });

  it("warns where somebody stopped it, and fails where it is simply not there", async () => {
    const at = "2026-01-31T12:00:00.000Z";
    expect(
      await look({
        jobs: [],
        stopped: { at, savepoint: "file:///s" },
      }),
    ).toMatchObject({
      status: "warn",
      detail: `0 RUNNING: stopped on purpose at ${at}, with a savepoint`,
    });
    expect(await look({ jobs: [] })).toMatchObject({
      status: "fail",
      detail: "0 RUNNING: the streaming job is not there",
      hint: "pipectl process-streaming",
    });
    expect(await look({ jobs: [job("FAILED")] })).toMatchObject({
      status: "fail",
      detail: "0 RUNNING: job 0a is FAILED: IOException: disk on fire",
    });
  });
});

describe("the stage of continuous silver", () => {
  const both = [job("RUNNING"), job("RUNNING", "5a", "silver")];
  const mark = {};

  it("stands beside that of bronze", async () => {
    const stage = await look({ jobs: both, silver: mark });
    expect(stage).toMatchObject({ status: "pass" });
    expect(stage.detail).toMatch(/^1 RUNNING, .* ago; silver: 1 RUNNING, 0 restarts, checkpoint 5 .* ago$/);
    expect((await look({ jobs: [job("RUNNING")] })).detail).not.toContain("silver");
  });

  it("fails where its job is gone, or does not run, whatever bronze does", async () => {
    expect(await look({ jobs: [job("RUNNING")], silver: mark })).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("; silver: 0 RUNNING: the streaming job is not there"),
      hint: expect.stringMatching(/^pipectl process-streaming --silver;/),
    });
    const restarting = [job("RUNNING"), job("RESTARTING", "5a", "silver")];
    expect(await look({ jobs: restarting, silver: mark })).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("silver: 0 RUNNING, 0 restarts; job 5a is RESTARTING"),
    });
  });

  it("warns when it was stopped on purpose, and when a start was killed", async () => {
    const stopped = { at: "2026-01-31T12:00:00.000Z", savepoint: "file:/s" };
    expect(await look({ jobs: [job("RUNNING")], silver: { stopped } })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("silver: 0 RUNNING: stopped on purpose at 2026-01-31T12:00:00.000Z"),
    });
    expect(await look({ jobs: [job("RUNNING")], silver: undefined, paused: true })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("silver: 0 RUNNING: about to start"),
    });
  });
});
