import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Patience } from "../core/ask-again.js";
import { failed, unavailable } from "../core/errors.js";
import { FormData, type HttpRequest, type HttpResponse, http } from "../core/http.js";
import type { Access } from "../core/http-access.js";
import { poll } from "../core/poll.js";

/** Flink's own names of job states. */
export type JobState =
  | "INITIALIZING"
  | "CREATED"
  | "RUNNING"
  | "FAILING"
  | "FAILED"
  | "CANCELLING"
  | "CANCELED"
  | "FINISHED"
  | "RESTARTING"
  | "SUSPENDED"
  | "RECONCILING";

export interface JobOverview {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** How long it ran, or has been running, in milliseconds. */
  readonly durationMs: number;
}

/** What Flink says of a job's checkpoints. Times in milliseconds since 1970. */
export interface Checkpoints {
  readonly lastCompleted:
    | {
        readonly id: number;
        readonly at: number;
        readonly path: string;
        /** From its trigger to its end, in milliseconds. */
        readonly tookMs?: number;
      }
    | undefined;
  readonly lastFailed: { readonly at: number; readonly why: string } | undefined;
}

export const terminalStates: ReadonlySet<JobState> = new Set(["FINISHED", "FAILED", "CANCELED"]);

export interface FlinkRest {
  readonly url: string;
  overview(): Promise<{ taskManagers: number; slots: number; freeSlots: number; version: string }>;
  /** The settings that the JobManager was started with; Flink masks secrets in them. */
  settings(): Promise<Readonly<Record<string, string>>>;
  /** The JobManager's class path; undefined where Flink does not show it. */
  classPath(): Promise<readonly string[] | undefined>;
  /** Jobs that Flink still knows. It forgets finished jobs after an hour, and when the JobManager restarts. */
  jobs(): Promise<JobOverview[]>;
  /** Undefined when Flink does not know the job (any more). */
  jobState(id: string): Promise<JobState | undefined>;
  /** The job's vertices with their tasks. Up to three seconds old; undefined when Flink does not know the job. */
  vertices(id: string): Promise<{ readonly name: string; readonly state: string }[] | undefined>;
  /** How often the job was restarted; undefined when Flink does not say. */
  restarts(id: string): Promise<number | undefined>;
  /** The innermost cause of the job's failure, one line; undefined when it has not failed. */
  rootCause(id: string): Promise<string | undefined>;
  /**
   * The value of a finished job's accumulator, as Java prints a list; undefined when Flink does not show it.
   *
   * @param isWhole false for a value from before the job's end, which Flink may show for three seconds
   */
  accumulator(id: string, name: string, isWhole?: (value: string) => boolean): Promise<string | undefined>;
  /** Records that the job's sources have read so far; undefined while Flink has no figures. */
  recordsRead(id: string): Promise<number | undefined>;
  /** Undefined when Flink does not know the job (any more). */
  checkpoints(id: string): Promise<Checkpoints | undefined>;
  /**
   * Stops a job with a savepoint, and returns where that is when it has been written and the job has ended.
   *
   * @throws PipectlError (failed) `savepoint_failed` with the reason and the job's state
   */
  stopWithSavepoint(id: string, timeoutMs: number): Promise<string>;
  /** Tells Flink to delete a savepoint or a retained checkpoint. Does not wait for the deletion. */
  disposeState(path: string): Promise<void>;
  cancel(id: string): Promise<void>;
  /** Uploads a jar and runs a class of it as a job; returns when the job has been submitted. The jar is then removed. */
  runJar(path: string, mainClass: string, args: readonly string[]): Promise<void>;
}

export interface FlinkOptions {
  /** Credentials, where somebody else operates the server. */
  readonly access?: Access | undefined;
  /** URI of the folder for savepoints, before that of Flink's own settings. */
  readonly savepointDir?: string | undefined;
  /** How long a look is asked again; once, unless told. */
  readonly patience?: Patience | undefined;
}

/** One of its processes did not answer another in time (`web.timeout`, `pekko.ask.timeout`). */
const isBusy = ({ status, text }: HttpResponse) => status === 500 && text.includes("TimeoutException");

/** The Flink REST API (2.1: nightlies.apache.org/flink/flink-docs-release-2.1/docs/ops/rest_api). */
export function flinkRest(
  url: string,
  signal: AbortSignal,
  { access, savepointDir, patience }: FlinkOptions = {},
): FlinkRest {
  async function call(path: string, options: HttpRequest = {}): Promise<{ status: number; body: unknown }> {
    const looks = options.method === undefined ? { patience, isBusy } : {};
    const { status, text } = await http("Flink", `${url}${path}`, { signal, access, ...looks, ...options });
    // Some of its handlers answer 500 for a job that they do not know.
    if (status === 500 && text.includes("FlinkJobNotFoundException")) return { status: 404, body: undefined };
    if (status >= 500) {
      throw unavailable("flink_error", `Flink at ${url}${path} answers HTTP ${status}: ${firstLine(text)}`, {
        hint: "pipectl logs jobmanager",
      });
    }
    // Flink may have forgotten a job. Everything else that is missing is an error.
    const forgotten = status === 404 && path.startsWith("/jobs/") && path !== "/jobs/overview";
    if (status >= 400 && !forgotten) {
      const hint = status === 403 ? access?.settings.credentials : undefined;
      throw failed(
        "flink_error",
        `Flink at ${url}${path} answers HTTP ${status}: ${firstLine(text)}`,
        hint === undefined ? {} : { hint: `check ${hint}: what stands before Flink does not permit this` },
      );
    }
    return { status, body: text === "" ? undefined : parse(text, `${url}${path}`) };
  }

  /** The source's counter is a metric of a task. Its name contains the operator's name, which is unknown here. */
  async function recordsRead(id: string): Promise<number | undefined> {
    const job = (await call(`/jobs/${id}`)).body as { vertices?: { id: string; name: string }[] } | undefined;
    let total: number | undefined;
    for (const vertex of job?.vertices ?? []) {
      if (!vertex.name.startsWith("Source:")) continue;
      const base = `/jobs/${id}/vertices/${vertex.id}/subtasks/metrics`;
      const names = (await call(base)).body as { id: string }[] | undefined;
      const name = names
        ?.map((metric) => metric.id)
        .find((metric) => /^Source__.*\.numRecordsOut$/.test(metric));
      if (name === undefined) continue;
      const values = (await call(`${base}?get=${encodeURIComponent(name)}&agg=sum`)).body as
        | { sum?: number }[]
        | undefined;
      const sum = values?.[0]?.sum;
      if (sum !== undefined) total = (total ?? 0) + sum;
    }
    return total;
  }

  /** Not from /jobs/ID, which lags by about three seconds. */
  async function stateOf(id: string): Promise<JobState | undefined> {
    const { status, body } = await call(`/jobs/${id}/status`);
    return status === 404 ? undefined : (body as { status: JobState }).status;
  }

  /** The outcome of one attempt to stop a job with a savepoint. */
  async function savepointOf(id: string, timeoutMs: number): Promise<SavepointBody> {
    const { status, body } = await call(`/jobs/${id}/stop`, {
      method: "POST",
      body: JSON.stringify({
        drain: false,
        ...(savepointDir === undefined ? {} : { targetDirectory: savepointDir }),
      }),
    });
    const trigger = (body as { "request-id"?: string } | undefined)?.["request-id"];
    if (status === 404 || trigger === undefined)
      throw failed("job_unknown", `Flink knows no job ${id}`, { hint: "pipectl jobs" });
    return await poll(
      async () => {
        const answer = (await call(`/jobs/${id}/savepoints/${trigger}`)).body as SavepointBody | undefined;
        return answer?.status.id === "COMPLETED" ? answer : undefined;
      },
      { what: `the savepoint of job ${id}`, timeoutMs, signal, hint: "pipectl stop --cancel" },
    );
  }

  return {
    url,
    overview: async () => {
      const body = (await call("/overview", { timeoutMs: 5_000 })).body as Record<string, number | string>;
      return {
        taskManagers: Number(body.taskmanagers),
        slots: Number(body["slots-total"]),
        freeSlots: Number(body["slots-available"]),
        version: String(body["flink-version"]),
      };
    },
    settings: async () => {
      const body = (await call("/jobmanager/config")).body as { key: string; value: string }[];
      return Object.fromEntries(body.map(({ key, value }) => [key, value]));
    },
    classPath: async () => {
      const { status, text } = await http("Flink", `${url}/jobmanager/environment`, {
        signal,
        access,
        patience,
      });
      // Before Flink 1.19 there was no such page.
      return status === 200 ? (JSON.parse(text) as { classpath?: string[] }).classpath : undefined;
    },
    jobs: async () => {
      const body = (await call("/jobs/overview")).body as { jobs: Record<string, unknown>[] };
      return body.jobs.map((job) => ({
        id: String(job.jid),
        name: String(job.name),
        state: job.state as JobState,
        startTime: Number(job["start-time"]),
        durationMs: Number(job.duration),
      }));
    },
    jobState: stateOf,
    vertices: async (id) => {
      const { status, body } = await call(`/jobs/${id}`);
      if (status === 404) return undefined;
      const { vertices } = body as { vertices: { name: string; status: string }[] };
      return vertices.map(({ name, status: state }) => ({ name, state }));
    },
    restarts: async (id) => {
      const { status, body } = await call(`/jobs/${id}/metrics?get=numRestarts`);
      const value = status === 404 ? undefined : (body as { value?: string }[])[0]?.value;
      return value === undefined ? undefined : Number(value);
    },
    rootCause: async (id) => {
      const { status, body } = await call(`/jobs/${id}/exceptions?maxExceptions=1`);
      if (status === 404) return undefined;
      const entry = (body as { exceptionHistory?: { entries?: { stacktrace?: string }[] } }).exceptionHistory
        ?.entries?.[0];
      return entry?.stacktrace === undefined ? undefined : innermostCause(entry.stacktrace);
    },
    accumulator: async (id, name, isWhole = () => true) => {
      const look = async () => {
        const { status, body } = await call(`/jobs/${id}/accumulators`);
        const all = status === 404 ? [] : (body as AccumulatorsBody)["user-task-accumulators"];
        const value = all.find((one) => one.name === name)?.value;
        return value !== undefined && isWhole(value) ? value : undefined;
      };
      return await poll(look, { what: "what the job has done", timeoutMs: 6_000, signal }).catch(() => {
        signal.throwIfAborted();
        return undefined;
      });
    },
    recordsRead,
    checkpoints: async (id) => {
      const { status, body } = await call(`/jobs/${id}/checkpoints`);
      return status === 404 ? undefined : readCheckpoints(body as CheckpointsBody);
    },
    stopWithSavepoint: async (id, timeoutMs) => {
      const until = performance.now() + timeoutMs;
      const stop = async () => {
        const { operation } = await savepointOf(id, Math.max(1, until - performance.now()));
        const stack = operation?.["failure-cause"]?.["stack-trace"] ?? "";
        const state = operation?.location === undefined ? await stateOf(id) : undefined;
        // A job is RUNNING before its tasks are.
        const early = state === "RUNNING" && stack.includes("Not all required tasks are currently running");
        return early ? undefined : { operation, stack, state };
      };
      const { operation, stack, state } = await poll(stop, {
        what: `the tasks of job ${id} to run`,
        timeoutMs,
        signal,
        intervalMs: 500,
        hint: "pipectl stop --cancel",
      });
      if (operation?.location !== undefined) return operation.location;
      throw failed(
        "savepoint_failed",
        `job ${id} could not be stopped with a savepoint, it is ${state ?? "gone"}: ${innermostCause(stack)}`,
        {
          hint: "pipectl validate says what is wrong with it; pipectl stop --cancel stops it without one",
        },
      );
    },
    disposeState: async (path) => {
      await call("/savepoint-disposal", { method: "POST", body: JSON.stringify({ "savepoint-path": path }) });
    },
    cancel: async (id) => {
      await call(`/jobs/${id}?mode=cancel`, { method: "PATCH" });
    },
    runJar: async (path, mainClass, args) => {
      const form = new FormData();
      form.append(
        "jarfile",
        new Blob([await readFile(path)], { type: "application/java-archive" }),
        basename(path),
      );
      const uploaded = (await call("/jars/upload", { method: "POST", body: form })).body as {
        filename: string;
      };
      const id = basename(uploaded.filename);
      try {
        const body = JSON.stringify({ entryClass: mainClass, programArgsList: args });
        await call(`/jars/${id}/run`, { method: "POST", body, timeoutMs: 60_000 });
      } finally {
        await call(`/jars/${id}`, { method: "DELETE" }).catch(() => {});
      }
    },
  };
}

interface AccumulatorsBody {
  readonly "user-task-accumulators": readonly { readonly name: string; readonly value: string }[];
}

interface CheckpointsBody {
  readonly latest: {
    readonly completed?: {
      readonly id: number;
      readonly latest_ack_timestamp: number;
      readonly external_path: string;
      readonly end_to_end_duration: number;
    } | null;
    readonly failed?: { readonly failure_timestamp: number; readonly failure_message?: string | null } | null;
  };
}

interface SavepointBody {
  readonly status: { readonly id: "IN_PROGRESS" | "COMPLETED" };
  readonly operation?: {
    readonly location?: string;
    readonly "failure-cause"?: { readonly "stack-trace"?: string };
  };
}

function readCheckpoints({ latest }: CheckpointsBody): Checkpoints {
  const { completed, failed: bad } = latest;
  return {
    lastCompleted: completed
      ? {
          ...{ id: completed.id, at: completed.latest_ack_timestamp, path: completed.external_path },
          tookMs: completed.end_to_end_duration,
        }
      : undefined,
    lastFailed: bad
      ? { at: bad.failure_timestamp, why: innermostCause(bad.failure_message ?? "") }
      : undefined,
  };
}

/**
 * The last "Caused by" with a message in a Java stack trace, as one line without the class's package: the one line of two hundred
 * that says what went wrong.
 */
export function innermostCause(stack: string): string {
  const causes = stack
    .split("\n")
    .filter((line) => line.startsWith("Caused by: ") || /^[a-z][\w.$]*(Exception|Error)\b/.test(line))
    .map((line) => line.replace(/^Caused by: /, "").trim())
    .filter((line) => /: ./.test(line));
  const last = causes.at(-1) ?? firstLine(stack);
  return last.replace(/^(?:[\w$]+\.)*([\w$]+(?:Exception|Error)): /, "$1: ");
}

function firstLine(text: string): string {
  return (text.split("\n").find((line) => line.trim() !== "") ?? "").slice(0, 300);
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unavailable("flink_error", `${where} does not answer with JSON: is it Flink? ${firstLine(text)}`);
  }
}
