import { randomBytes } from "node:crypto";
import { failed } from "../../core/errors.js";
import { jobArguments, tendJob } from "../own-jobs.js";
import { jobEnd } from "../submit.js";
import { forCleanup, type Workspace } from "../workspace.js";

/** What `io.pipectl.job.Tend` is told to do, on one table or with one checkpoint. */
export interface Operation {
  readonly task: "expire" | "manifests" | "orphans" | "position";
  readonly [option: string]: string;
}

/** What it says of an operation: `error`, or what has been done. */
export type Outcome<T> = T | { readonly error: string };

/**
 * Carries out operations one after the other in one small job of ours: they need a JVM with Iceberg that reaches the files,
 * and the cluster is one that every runtime has.
 *
 * @returns what became of each
 * @throws PipectlError (failed) `job_failed`, `tend_silent` when Flink does not show what the job did
 */
export async function tend<T>(workspace: Workspace, work: readonly Operation[]): Promise<Outcome<T>[]> {
  if (work.length === 0) return [];
  const { runtime, config } = workspace;
  const name = `${tendJob(workspace.dataset)}${randomBytes(4).toString("hex")}`;
  const args = jobArguments(workspace, name, { work: JSON.stringify(work) });
  // Once begun it is not broken off: the job might come after the look for it.
  const { flink } = forCleanup(workspace);
  const submission = flink.runJar(await runtime.jobJar(), "io.pipectl.job.Tend", args);
  // It reads no records, and what Flink is asked about a job that runs it shows for three seconds more.
  const job = { name, figuresMs: Number.POSITIVE_INFINITY };
  const { id } = await jobEnd(workspace, submission, job, config.values.JOB_TIMEOUT);
  // A list of objects: as Java shows it that is JSON.
  const read = (value: string) => JSON.parse(value) as Outcome<T>[];
  const result = await flink.accumulator(id, "result", (value) => read(value).length === work.length);
  if (result !== undefined) return read(result);
  throw failed("tend_silent", `job ${id} (${name}) has ended, but Flink does not show what it did`, {
    hint: "pipectl tables; the same command again does what is left",
  });
}

export const hasFailed = <T>(outcome: Outcome<T>): outcome is { readonly error: string } =>
  typeof (outcome as { readonly error?: unknown }).error === "string";
