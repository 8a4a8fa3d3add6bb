import { failed } from "../core/errors.js";
import { poll } from "../core/poll.js";
import type { Report } from "../core/report.js";
import { type FlinkRest, type JobState, terminalStates } from "./rest.js";

export interface JobResult {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly seconds: number;
}

/** The newest job of this name; undefined when Flink has none. */
export async function jobNamed(flink: FlinkRest, name: string) {
  const jobs = (await flink.jobs()).filter((job) => job.name === name);
  return jobs.sort((a, b) => b.startTime - a.startTime)[0];
}

/**
 * Follows the job called `name` until it has ended, reporting its state and the records it has read.
 * Ends without a result when `submission` has failed, or has ended and no such job comes, or when Flink has forgotten
 * the job.
 *
 * @param submission ends when Flink has the job, not when the job has ended
 * @param total records that the job will read, for progress; undefined when unknown
 * @param figuresMs milliseconds between two looks at how far the job is; by default as often as Flink gathers figures;
 *   Infinity for a job that reads no records worth showing
 * @param listedMs milliseconds after its submission within which a job must be listed
 */
export async function followJob(
  flink: FlinkRest,
  name: string,
  options: {
    readonly submission: Promise<unknown>;
    readonly total?: number;
    readonly figuresMs?: number;
    readonly listedMs?: number;
    readonly timeoutMs: number;
    readonly report: Report;
    readonly signal: AbortSignal;
  },
): Promise<JobResult | undefined> {
  const { total, figuresMs = 1_000, listedMs = 10_000, timeoutMs, report, signal } = options;
  let waitUntil = Number.POSITIVE_INFINITY;
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  options.submission.then(
    () => {
      waitUntil = elapsed() + listedMs;
    },
    () => {
      waitUntil = 0;
    },
  );
  let id: string | undefined;
  let read = 0;
  let lookAt = Number.isFinite(figuresMs) ? 0 : figuresMs;
  return await poll<JobResult | { readonly none: true }>(
    async () => {
      if (id === undefined) {
        // Read before the look at Flink: a job of a submission that has failed since is listed by now.
        const over = elapsed() >= waitUntil;
        id = (await jobNamed(flink, name))?.id;
        if (id === undefined) return over ? { none: true } : undefined;
        report({ type: "note", text: `job ${id} (${name})` });
      }
      const state = await flink.jobState(id);
      if (state === undefined) return { none: true };
      if (terminalStates.has(state)) {
        const job = await jobNamed(flink, name).catch(() => undefined);
        return { id, name, state, seconds: (job?.durationMs ?? elapsed()) / 1000 };
      }
      const elapsedMs = elapsed();
      if (elapsedMs >= lookAt) {
        // The figures lag behind and are sometimes missing for a moment. They only grow.
        read = Math.max(read, (await flink.recordsRead(id).catch(() => undefined)) ?? 0);
        lookAt = elapsedMs + figuresMs;
      }
      const seconds = elapsedMs / 1000;
      report({
        type: "progress",
        text: `${state} ${id.slice(0, 8)}`,
        done: read,
        total,
        unit: "records",
        // An estimate from the first few records would be hours.
        rate: seconds > 1 && read * 50 > (total ?? 0) ? read / seconds : undefined,
      });
      return undefined;
    },
    { what: `job ${name}`, timeoutMs, signal, intervalMs: 100, patient: true, hint: "pipectl jobs" },
  ).then((result) => ("none" in result ? undefined : result));
}

/** @throws PipectlError (failed) `job_failed` with Flink's root cause, unless the job is FINISHED */
export async function requireFinished(flink: FlinkRest, job: JobResult, signal: AbortSignal): Promise<void> {
  if (job.state === "FINISHED") return;
  const cause = await causeOf(flink, job.id, signal);
  throw failed("job_failed", `job ${job.id} (${job.name}) is ${job.state}: ${cause}`, {
    hint: `pipectl logs taskmanager, or ${flink.url}/#/job/completed/${job.id}/exceptions`,
  });
}

/** Why a job has ended, in Flink's words. Flink's REST API lags by up to three seconds, so right after a failure the cause is missing. */
export async function causeOf(flink: FlinkRest, id: string, signal: AbortSignal): Promise<string> {
  return await poll(() => flink.rootCause(id), { what: "the cause", timeoutMs: 6_000, signal }).catch(() => {
    signal.throwIfAborted();
    return "Flink gives no cause";
  });
}

/** Cancels the job called `name`, if it runs, and waits until it has ended. True when there was one. */
export async function cancelJobNamed(flink: FlinkRest, name: string, signal: AbortSignal): Promise<boolean> {
  const job = await jobNamed(flink, name);
  if (job === undefined || terminalStates.has(job.state)) return false;
  await cancelJob(flink, job.id, signal);
  return true;
}

export async function cancelJob(flink: FlinkRest, id: string, signal: AbortSignal): Promise<void> {
  await flink.cancel(id);
  await untilEnded(flink, id, signal);
}

/** Waits until a job that is ending has ended. */
export async function untilEnded(
  flink: FlinkRest,
  id: string,
  signal: AbortSignal,
  report?: Report,
): Promise<void> {
  await poll(
    async () => {
      const state = await flink.jobState(id);
      return state === undefined || terminalStates.has(state) ? true : undefined;
    },
    {
      what: `job ${id} to end`,
      timeoutMs: 60_000,
      patient: true,
      signal,
      ...(report === undefined ? {} : { report }),
      hint: "pipectl jobs",
    },
  );
}
