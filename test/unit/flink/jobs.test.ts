import { describe, expect, it } from "vitest";
import type { ProgressEvent } from "../../../src/core/report.js";
import { cancelJobNamed, followJob, jobNamed, requireFinished } from "../../../src/flink/jobs.js";
import type { FlinkRest, JobOverview, JobState } from "../../../src/flink/rest.js";
import { problemOf } from "../../helpers/problem.js";

const signal = new AbortController().signal;
const job = (more: Partial<JobOverview> = {}): JobOverview => ({
  id: "0123456789abcdef0123456789abcdef",
  name: "pipectl bronze",
  state: "RUNNING",
  startTime: 1,
  durationMs: 2_500,
  ...more,
});

/** A Flink whose one job takes the states one after the other. */
function flinkWith(states: readonly JobState[], more: Partial<FlinkRest> = {}) {
  const left = [...states];
  const cancelled: string[] = [];
  const flink = {
    url: "http://127.0.0.1:8081",
    jobs: async () => [job()],
    jobState: async () => (left.length > 1 ? left.shift() : left[0]),
    recordsRead: async () => 10,
    rootCause: async () => undefined,
    cancel: async (id: string) => void cancelled.push(id),
    ...more,
  } as FlinkRest;
  return { flink, cancelled };
}

const follow = async (flink: FlinkRest, more: Partial<Parameters<typeof followJob>[2]> = {}) =>
  await followJob(flink, "pipectl bronze", {
    submission: Promise.resolve(),
    timeoutMs: 5_000,
    report: () => {},
    signal,
    ...more,
  });

describe("followJob", () => {
  it("returns the job when it has ended, and reports id, state and figures that only grow", async () => {
    const figures = [100, 40, undefined, 300];
    const events: ProgressEvent[] = [];
    const { flink } = flinkWith(["CREATED", "RUNNING", "RUNNING", "RUNNING", "FINISHED"], {
      recordsRead: async () => figures.shift(),
    });
    const report = (event: ProgressEvent) => void events.push(event);
    const result = await follow(flink, { total: 1_000, figuresMs: 0, report });
    expect(result).toEqual({ id: job().id, name: "pipectl bronze", state: "FINISHED", seconds: 2.5 });
    expect(events.filter(({ type }) => type === "note")).toHaveLength(1);
    const progress = events.filter((event) => event.type === "progress");
    expect(progress.map(({ done }) => done)).toEqual([100, 100, 100, 300]);
    expect(progress[0]).toMatchObject({ text: "CREATED 01234567", total: 1_000, unit: "records" });
  });

  it("asks for figures no more often than Flink gathers them", async () => {
    let asked = 0;
    const { flink } = flinkWith(["RUNNING", "RUNNING", "RUNNING", "FINISHED"], {
      recordsRead: async () => ++asked,
    });
    await follow(flink);
    expect(asked).toBe(1);
  });

  it("ends without a result when Flink has forgotten the job", async () => {
    const { flink } = flinkWith(["RUNNING"], { jobState: async () => undefined });
    expect(await follow(flink)).toBeUndefined();
  });

  it("goes on when the figures cannot be read", async () => {
    const { flink } = flinkWith(["RUNNING", "FINISHED"], {
      recordsRead: async () => await Promise.reject(new Error()),
    });
    expect(await follow(flink)).toMatchObject({ state: "FINISHED" });
  });

  it("ends without a result as soon as the submission has failed, or some time after it when no job comes", async () => {
    let looks = 0;
    const { flink } = flinkWith([], { jobs: async () => (looks++ < 100 ? [] : [job()]) });
    expect(await follow(flink, { submission: Promise.reject(new Error("wrong SQL")) })).toBeUndefined();
    expect(looks).toBeLessThan(3);
    expect(await follow(flink, { listedMs: 300 })).toBeUndefined();
    expect(looks).toBeGreaterThan(3);
  });

  it("waits for a job that is listed some time after its submission, and before one is over", async () => {
    for (const submission of [Promise.resolve(), new Promise(() => {})]) {
      let looks = 0;
      const { flink } = flinkWith(["FINISHED"], { jobs: async () => (looks++ < 2 ? [] : [job()]) });
      expect(await follow(flink, { submission })).toMatchObject({ state: "FINISHED" });
    }
  });

  it("says FINISHED although the duration cannot be read", async () => {
    let looks = 0;
    const jobs = async () => (looks++ === 0 ? [job()] : await Promise.reject(new Error("gone")));
    expect(await follow(flinkWith(["FINISHED"], { jobs }).flink)).toMatchObject({ state: "FINISHED" });
  });

  it("gives up after its time, and names the job", async () => {
    const { flink } = flinkWith(["RUNNING"]);
    const error = await problemOf(() => follow(flink, { timeoutMs: 1 }));
    expect(error).toMatchObject({ code: "timeout", exitCode: 3 });
    expect(error.message).toContain("job pipectl bronze");
  });
});

describe("jobNamed", () => {
  it("takes the newest of several, and no other name", async () => {
    const jobs = [
      job({ id: "old", startTime: 1 }),
      job({ id: "new", startTime: 3 }),
      job({ name: "x", startTime: 9 }),
    ];
    const { flink } = flinkWith([], { jobs: async () => jobs });
    expect((await jobNamed(flink, "pipectl bronze"))?.id).toBe("new");
    expect(await jobNamed(flink, "pipectl silver")).toBeUndefined();
  });
});

describe("requireFinished", () => {
  const { signal } = new AbortController();
  const ended = (state: JobState) => ({ id: "0a", name: "pipectl bronze", state, seconds: 1 });

  it.each(["FAILED", "CANCELED"] as const)("is an error with the root cause for %s", async (state) => {
    const { flink } = flinkWith([], { rootCause: async () => "IOException: disk full" });
    const error = await problemOf(() => requireFinished(flink, ended(state), signal));
    expect(error).toMatchObject({ kind: "failed", code: "job_failed" });
    expect(error.message).toBe(`job 0a (pipectl bronze) is ${state}: IOException: disk full`);
    expect(error.hint).toContain("http://127.0.0.1:8081/#/job/completed/0a/exceptions");
  });

  it("is content with FINISHED, and says when Flink gives no cause", { timeout: 20_000 }, async () => {
    const { flink } = flinkWith([]);
    await requireFinished(flink, ended("FINISHED"), signal);
    expect((await problemOf(() => requireFinished(flink, ended("FAILED"), signal))).message).toContain(
      "Flink gives no cause",
    );
  });
});

describe("cancelJobNamed", () => {
  it("cancels, and waits until the job has ended", async () => {
    const { flink, cancelled } = flinkWith(["CANCELLING", "CANCELED"]);
    expect(await cancelJobNamed(flink, "pipectl bronze", signal)).toBe(true);
    expect(cancelled).toEqual([job().id]);
  });

  it("takes a job that Flink has forgotten for ended", async () => {
    const { flink } = flinkWith([], { jobState: async () => undefined });
    expect(await cancelJobNamed(flink, "pipectl bronze", signal)).toBe(true);
  });

  it("leaves a job alone that has ended, and does not mind one that is not there", async () => {
    const { flink, cancelled } = flinkWith([], { jobs: async () => [job({ state: "FINISHED" })] });
    expect(await cancelJobNamed(flink, "pipectl bronze", signal)).toBe(false);
    expect(await cancelJobNamed(flink, "another", signal)).toBe(false);
    expect(cancelled).toEqual([]);
  });
});
