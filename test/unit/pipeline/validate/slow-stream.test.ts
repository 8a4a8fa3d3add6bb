import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import type { Verdict } from "../../../../src/core/verdict.js";
import type { Checkpoints, JobState } from "../../../../src/flink/rest.js";
import { onItsWay } from "../../../../src/pipeline/validate/account-verdict.js";
import { graceOf } from "../../../../src/pipeline/validate/slow-stream.js";
import { configOf, workspaceOf } from "../../../helpers/workspace.js";

const config = configOf({ MODE: "streaming_bronze", CHECKPOINT_INTERVAL: "10s" });
const waiting: Verdict = {
  status: "warn",
  detail: "20 produced + 3 not yet landed",
  hint: "pipectl process",
};
const name = "pipectl streaming bronze taxi 20260101T000000-abcd";

/** The verdict on records that have waited for 40 s, where 35 s are usual. */
async function verdict(how: {
  readonly state?: JobState;
  readonly runsMs?: number;
  readonly checkpoints?: Partial<Checkpoints>;
  readonly unproven?: true;
  readonly waitedMs?: number;
}) {
  const { state = "RUNNING", runsMs = 600_000, checkpoints = {}, waitedMs = 40_000, ...more } = how;
  const startTime = Date.now() - runsMs;
  const flink = {
    jobs: async () => [{ id: "0a", name, state, startTime, durationMs: runsMs }],
    checkpoints: async () => ({ lastCompleted: undefined, lastFailed: undefined, ...checkpoints }),
  };
  const stream = { run: "s", jobs: ["0a"], topology: "t" };
  const current = {
    account: undefined,
    waiting: new Map(),
    stuckMs: waitedMs,
    broken: false,
    stream,
    ...more,
  };
  return onItsWay(waiting, current, config.values, await graceOf(workspaceOf({ config, flink })));
}
const completed = (secondsAgo: number, tookMs: number) => ({
  lastCompleted: { id: 5, at: Date.now() - secondsAgo * 1000, path: "file:/c/chk-5", tookMs },
});

describe("records that wait longer than usual for a stream", () => {
  it.each<[string, Parameters<typeof verdict>[0], Verdict["status"]]>([
    ["whose job is being scheduled", { state: "CREATED", runsMs: 90_000, waitedMs: 500_000 }, "pass"],
    ["that has only begun", { runsMs: 20_000, waitedMs: 500_000 }, "pass"],
    ["whose last checkpoint took long", { checkpoints: completed(5, 4_000) }, "pass"],
    ["whose next checkpoint is late, with nothing bad known", { checkpoints: completed(50, 4_000) }, "pass"],
    ["that commits nothing, however good its checkpoints", { checkpoints: completed(5, 200) }, "fail"],
    [
      "whose checkpoints are late for more than a minute",
      { checkpoints: completed(200, 1), waitedMs: 100_000 },
      "fail",
    ],
    [
      "whose checkpoints fail",
      { checkpoints: { ...completed(50, 1), lastFailed: { at: Date.now(), why: "no space" } } },
      "fail",
    ],
    [
      "whose rows could not be counted in time",
      { checkpoints: completed(5, 200), unproven: true },
      "unknown",
    ],
  ])("%s", async (_what, how, status) => {
    expect((await verdict(how)).status).toBe(status);
  });

  it("get no more time where Flink does not answer, or has no such job", async () => {
    const refuse = () => Promise.reject(unavailable("http_unreachable", "nobody listens"));
    expect(await graceOf(workspaceOf({ config, flink: { jobs: refuse } }))).toBe(0);
    expect(await graceOf(workspaceOf({ config, flink: { jobs: async () => [] } }))).toBe(0);
  });
});
