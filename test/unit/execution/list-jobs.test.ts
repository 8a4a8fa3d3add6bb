import { describe, expect, it } from "vitest";
import { cancelById, listJobs } from "../../../src/execution/list-jobs.js";
import type { JobOverview, JobState } from "../../../src/flink/rest.js";
import { problemOf } from "../../helpers/problem.js";
import { workspaceOf } from "../../helpers/workspace.js";

const job = (id: string, state: JobState, startTime = 1): JobOverview => ({
  id,
  name: id,
  state,
  startTime,
  durationMs: 1,
});
function workspaceWith(...jobs: JobOverview[]) {
  const cancelled: string[] = [];
  const flink = {
    jobs: async () => jobs,
    restarts: async (id: string) => (id === "silent" ? undefined : 2),
    recordsRead: async (id: string) => (id === "silent" ? undefined : 500),
    checkpoints: async (id: string) =>
      id === "silent"
        ? undefined
        : {
            lastFailed: undefined,
            lastCompleted: { id: 7, at: Date.now() - 3_000, path: "file:/c/chk-7" },
          },
    jobState: async () => "CANCELED" as const,
    cancel: async (id: string) => void cancelled.push(id),
  };
  return { workspace: workspaceOf({ flink }), cancelled };
}

describe("listJobs", () => {
  it("lists the newest first; an unknown number of restarts is null, never 0", async () => {
    const { workspace } = workspaceWith(
      job("old", "FINISHED", 1),
      job("new", "RUNNING", 9),
      job("silent", "RUNNING", 5),
    );
    const listed = await listJobs(workspace);
    expect(listed.map(({ id, restarts }) => [id, restarts])).toEqual([
      ["new", 2],
      ["silent", null],
      ["old", null],
    ]);
    expect(listed[0]).toMatchObject({ checkpoint: { id: 7, ageSeconds: 3 }, records: 500 });
    expect(listed[0]?.recordsPerSecond).toBe(500_000);
    expect(listed[1]).toMatchObject({ checkpoint: null, records: null, recordsPerSecond: null });
  });
});

describe("cancelById", () => {
  it("takes a beginning that only one job has", async () => {
    const { workspace, cancelled } = workspaceWith(job("abc1", "RUNNING"), job("abd1", "RUNNING"));
    await cancelById(workspace, "abc");
    expect(cancelled).toEqual(["abc1"]);
  });

  it.each([
    ["x", "job_unknown", 2],
    ["ab", "job_ambiguous", 2],
    ["done", "job_ended", 1],
  ])("cancels nothing for '%s': %s", async (id, code, exitCode) => {
    const { workspace, cancelled } = workspaceWith(
      job("abc1", "RUNNING"),
      job("abd1", "RUNNING"),
      job("done", "FINISHED"),
    );
    expect(await problemOf(() => cancelById(workspace, id))).toMatchObject({ code, exitCode });
    expect(cancelled).toEqual([]);
  });
});
