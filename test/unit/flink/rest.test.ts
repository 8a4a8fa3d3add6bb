import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flinkRest } from "../../../src/flink/rest.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { freePorts } from "../../helpers/ports.js";
import { problemOf } from "../../helpers/problem.js";
import { type Answer, fakeServer } from "../../helpers/server.js";

const id = "4c3a2f0e9d1b4e5f8a7b6c5d4e3f2a1b";
const never = new AbortController().signal;

/** A Flink that answers by method and path; anything else is 404, in Flink's own words. */
async function flink(answers: Readonly<Record<string, Answer>>) {
  const notFound = { status: 404, body: { errors: ["Unable to load requested file."] } };
  const server = await fakeServer(
    ({ method, path }) => answers[`${method} ${path}`] ?? answers[path] ?? notFound,
  );
  return { ...server, rest: flinkRest(server.url, never) };
}

describe("Flink's answers", () => {
  it("are read as numbers, names and states", async () => {
    const { rest } = await flink({
      "/overview": {
        body: {
          taskmanagers: 2,
          "slots-total": 16,
          "slots-available": 5,
          "flink-version": "2.1.0",
          extra: 1,
        },
      },
      "/jobs/overview": {
        body: {
          jobs: [
            {
              jid: id,
              name: "pipectl bronze",
              state: "RUNNING",
              "start-time": 1_700_000_000_000,
              duration: 2_500,
            },
          ],
        },
      },
    });
    expect(await rest.overview()).toEqual({ taskManagers: 2, slots: 16, freeSlots: 5, version: "2.1.0" });
    expect(await rest.jobs()).toEqual([
      { id, name: "pipectl bronze", state: "RUNNING", startTime: 1_700_000_000_000, durationMs: 2_500 },
    ]);
  });

  it("know a job's state, restarts and root cause", async () => {
    const stacktrace =
      "java.lang.RuntimeException: outer\nCaused by: java.io.IOException: disk full\n\tat a.b(C.java:1)";
    const { rest } = await flink({
      [`/jobs/${id}/status`]: { body: { status: "RESTARTING" } },
      [`/jobs/${id}/metrics?get=numRestarts`]: { body: [{ id: "numRestarts", value: "3" }] },
      [`/jobs/${id}/exceptions?maxExceptions=1`]: {
        body: { exceptionHistory: { entries: [{ stacktrace }] } },
      },
    });
    expect(await rest.jobState(id)).toBe("RESTARTING");
    expect(await rest.restarts(id)).toBe(3);
    expect(await rest.rootCause(id)).toBe("IOException: disk full");
  });

  it("may lack a job, a metric or a failure: undefined, never 0", async () => {
    const { rest } = await flink({
      "/jobs/known/metrics?get=numRestarts": { body: [] },
      "/jobs/known/exceptions?maxExceptions=1": { body: { exceptionHistory: { entries: [] } } },
    });
    for (const unknown of [rest.jobState(id), rest.restarts(id), rest.rootCause(id), rest.recordsRead(id)]) {
      expect(await unknown).toBeUndefined();
    }
    expect(await rest.restarts("known")).toBeUndefined();
    expect(await rest.rootCause("known")).toBeUndefined();
  });

  it("take a 500 about a job that Flink does not know for one that is not there, and no other 500", async () => {
    const unknown = "org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job";
    const { rest } = await flink({
      [`/jobs/${id}/status`]: { status: 500, body: { errors: ["Internal server error.", unknown] } },
      [`/jobs/${id}/exceptions?maxExceptions=1`]: {
        status: 500,
        body: { errors: ["Internal server error."] },
      },
    });
    expect(await rest.jobState(id)).toBeUndefined();
    expect((await problemOf(() => rest.rootCause(id))).code).toBe("flink_error");
  });

  it("sum up the records of the sources, and of nothing else", async () => {
    const metrics = (vertex: string) => `/jobs/${id}/vertices/${vertex}/subtasks/metrics`;
    const counter = (source: string) => `Source__${source}.numRecordsOut`;
    const { rest } = await flink({
      [`/jobs/${id}`]: {
        body: {
          vertices: [
            { id: "a", name: "Source: x[1]" },
            { id: "b", name: "Source: y" },
            { id: "c", name: "Sink: z" },
          ],
        },
      },
      [metrics("a")]: { body: [{ id: "numRecordsOut" }, { id: counter("x[1]") }] },
      [metrics("b")]: { body: [{ id: counter("y") }] },
      [`${metrics("a")}?get=Source__x%5B1%5D.numRecordsOut&agg=sum`]: { body: [{ id: "x", sum: 40 }] },
      [`${metrics("b")}?get=Source__y.numRecordsOut&agg=sum`]: { body: [{ id: "y", sum: 2 }] },
    });
    expect(await rest.recordsRead(id)).toBe(42);
  });

  it("tell of checkpoints, also where there is none yet", async () => {
    const { rest } = await flink({
      [`/jobs/${id}/checkpoints`]: {
        body: {
          latest: {
            completed: { id: 2, latest_ack_timestamp: 1_000, external_path: "file:/c/chk-2" },
            failed: { failure_timestamp: 2_000, failure_message: "java.io.IOException: no space" },
          },
        },
      },
      "/jobs/new/checkpoints": {
        body: {
          latest: { completed: null, failed: null },
        },
      },
    });
    expect(await rest.checkpoints(id)).toEqual({
      lastCompleted: { id: 2, at: 1_000, path: "file:/c/chk-2" },
      lastFailed: { at: 2_000, why: "IOException: no space" },
    });
    expect(await rest.checkpoints("new")).toEqual({ lastCompleted: undefined, lastFailed: undefined });
    expect(await rest.checkpoints("gone")).toBeUndefined();
  });

  it("have no figures yet: undefined", async () => {
    const { rest } = await flink({
      [`/jobs/${id}`]: { body: { vertices: [{ id: "a", name: "Source: x" }] } },
      [`/jobs/${id}/vertices/a/subtasks/metrics`]: { body: [] },
    });
    expect(await rest.recordsRead(id)).toBeUndefined();
  });
});

describe("what Flink is told", () => {
  it("cancels with PATCH", async () => {
    const { rest, requests } = await flink({ [`PATCH /jobs/${id}?mode=cancel`]: { status: 202, body: "" } });
    await rest.cancel(id);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `PATCH /jobs/${id}?mode=cancel`,
    ]);
  });

  const jar = join(temporaryFolder(), "job.jar");
  writeFileSync(jar, "PK\u0003\u0004jar");
  const upload = { body: { filename: "/tmp/flink-web/0a1b_job.jar", status: "success" } };

  it("stops a job with a savepoint, and returns where that is", async () => {
    let looks = 0;
    const server = await fakeServer(({ method, path }) => {
      if (method === "POST") return { status: 202, body: { "request-id": "t" } };
      if (path !== `/jobs/${id}/savepoints/t`) return { status: 404, body: {} };
      return ++looks < 3
        ? { body: { status: { id: "IN_PROGRESS" } } }
        : { body: { status: { id: "COMPLETED" }, operation: { location: "file:/s/savepoint-1" } } };
    });
    expect(await flinkRest(server.url, never).stopWithSavepoint(id, 5_000)).toBe("file:/s/savepoint-1");
    expect(server.requests[0]).toMatchObject({ path: `/jobs/${id}/stop`, body: '{"drain":false}' });
  });

  it("asks again while the tasks of a job that is RUNNING do not run yet, and of no other", async () => {
    const early = "CheckpointException: Not all required tasks are currently running.";
    const of = (state: string) => {
      let stops = 0;
      return fakeServer(({ method, path }) => {
        if (method === "POST") return { status: 202, body: { "request-id": String(++stops) } };
        if (path.endsWith("/status")) return { body: { status: state } };
        const operation =
          stops < 2 ? { "failure-cause": { "stack-trace": early } } : { location: "file:/s/savepoint-1" };
        return { body: { status: { id: "COMPLETED" }, operation } };
      });
    };
    const stop = async (state: string) =>
      await flinkRest((await of(state)).url, never).stopWithSavepoint(id, 5_000);
    expect(await stop("RUNNING")).toBe("file:/s/savepoint-1");
    expect(await problemOf(() => stop("RESTARTING"))).toMatchObject({ code: "savepoint_failed" });
  });

  it("says why a savepoint failed, and knows a job that is not there", async () => {
    const stack = "java.lang.Exception: outer\nCaused by: java.io.IOException: no space";
    const answers = {
      [`POST /jobs/${id}/stop`]: { status: 202, body: { "request-id": "t" } },
      [`/jobs/${id}/savepoints/t`]: {
        body: { status: { id: "COMPLETED" }, operation: { "failure-cause": { "stack-trace": stack } } },
      },
    };
    const { rest } = await flink(answers);
    expect(await problemOf(() => rest.stopWithSavepoint(id, 5_000))).toMatchObject({
      code: "savepoint_failed",
      message: expect.stringContaining("IOException: no space"),
    });
    const { rest: other } = await flink({});
    expect(await problemOf(() => other.stopWithSavepoint(id, 5_000))).toMatchObject({ code: "job_unknown" });
  });

  it("has a state deleted by its path", async () => {
    const { rest, requests } = await flink({ "POST /savepoint-disposal": { status: 202, body: {} } });
    await rest.disposeState("file:/c/chk-1");
    expect(requests[0]?.body).toBe('{"savepoint-path":"file:/c/chk-1"}');
  });

  it("uploads a jar, runs it, and removes it", async () => {
    const { rest, requests } = await flink({
      "POST /jars/upload": upload,
      "POST /jars/0a1b_job.jar/run": { body: { jobid: id } },
      "DELETE /jars/0a1b_job.jar": { body: {} },
    });
    await rest.runJar(jar, "io.pipectl.Job", ["--name", "a b"]);
    expect(requests.map(({ method }) => method)).toEqual(["POST", "POST", "DELETE"]);
    expect(requests[0]?.body).toContain(readFileSync(jar, "utf8"));
    expect(JSON.parse(requests[1]?.body ?? "")).toEqual({
      entryClass: "io.pipectl.Job",
      programArgsList: ["--name", "a b"],
    });
  });

  it("removes the jar of a job that Flink refused, and says why it did", async () => {
    const { rest, requests } = await flink({
      "POST /jars/upload": upload,
      "POST /jars/0a1b_job.jar/run": { status: 400, body: { errors: ["no main class"] } },
    });
    const error = await problemOf(() => rest.runJar(jar, "io.pipectl.Job", []));
    expect(error).toMatchObject({ kind: "failed", code: "flink_error" });
    expect(error.message).toContain("no main class");
    expect(requests.at(-1)).toMatchObject({ method: "DELETE", path: "/jars/0a1b_job.jar" });
  });
});

describe("when Flink is in trouble", () => {
  it("says 503 with the address and Flink's words, and exits 3", async () => {
    const busy = {
      status: 503,
      body: { errors: ["Service temporarily unavailable due to an ongoing leader election."] },
    };
    const { rest, url } = await flink({ "/jobs/overview": busy });
    const error = await problemOf(() => rest.jobs());
    expect(error).toMatchObject({
      kind: "unavailable",
      code: "flink_error",
      hint: "pipectl logs jobmanager",
    });
    expect(error.message).toMatch(`Flink at ${url}/jobs/overview answers HTTP 503: `);
    expect(error.message).toContain("ongoing leader election");
  });

  it("says that something else listens there", async () => {
    const { rest, url } = await flink({
      "/jobs/overview": { body: "<!doctype html>\n<title>Grafana</title>" },
    });
    const error = await problemOf(() => rest.jobs());
    expect(error).toMatchObject({ kind: "unavailable", code: "flink_error" });
    expect(error.message).toContain(`${url}/jobs/overview does not answer with JSON`);
    expect(error.message).toContain("<!doctype html>");
  });

  it("says so of a page that is not found and no JSON, instead of taking it for an unknown job", async () => {
    const { rest } = await flink({ [`/jobs/${id}/status`]: { status: 404, body: "<h1>404</h1>" } });
    expect((await problemOf(() => rest.jobState(id))).code).toBe("flink_error");
  });

  it.each(["jobs", "overview"] as const)("is an error, no bug, when %s is not found", async (call) => {
    const { rest } = await flink({});
    expect((await problemOf(() => rest[call]())).code).toBe("flink_error");
  });

  it("says where nobody listens", async () => {
    const [port] = await freePorts(1);
    const error = await problemOf(() => flinkRest(`http://127.0.0.1:${port}`, never).overview());
    expect(error.message).toContain(`Flink does not answer on http://127.0.0.1:${port}`);
    expect(error.exitCode).toBe(3);
  });

  it("stops at Ctrl-C with its reason", async () => {
    const reason = new Error("interrupted");
    const { url } = await fakeServer(() => undefined);
    await expect(flinkRest(url, AbortSignal.abort(reason)).jobs()).rejects.toBe(reason);
  });
});
