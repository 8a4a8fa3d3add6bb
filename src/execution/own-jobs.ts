import { randomBytes } from "node:crypto";
import type { Dataset } from "../dataset/types.js";
import { withoutPlaceholders } from "../flink/session.js";
import type { Needs } from "../workspace/workspace.js";
import { jobEnd } from "./run-job.js";

/** Prefixes of the names of our own Flink jobs, which are not SQL. */
export const deleteDatesJob = (dataset: Dataset) => `pipectl delete dates ${dataset.name} `;
export const compactJob = (dataset: Dataset) => `pipectl compact ${dataset.name} `;
export const maintenanceJob = (dataset: Dataset) => `pipectl maintain ${dataset.name} `;

/**
 * Runs a class of our jar as a small job on the cluster. Such work needs a JVM with Iceberg that reaches the files, and every runtime
 * has one in its cluster. Returns when the job is FINISHED.
 *
 * @param prefix how its name begins
 * @param own arguments of this class
 * @returns the job's id and name, and its accumulators: see `FlinkRest.accumulator`
 * @throws PipectlError what `jobEnd` throws
 */
export async function runOwnJob(
  workspace: Needs<"runtime" | "flink" | "report" | "signal" | "unaborted">,
  prefix: string,
  mainClass: string,
  own: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<OwnJob> {
  const name = `${prefix}${randomBytes(4).toString("hex")}`;
  // A submission that has begun is not broken off: the job could appear after we looked for it.
  const { flink } = workspace.unaborted;
  const args = jobArguments(workspace, name, own);
  const submission = flink.runJar(await workspace.runtime.jobJar(), `io.pipectl.job.${mainClass}`, args);
  // The job reads no records, so no figures are asked for; Flink's REST API would also cache them for three seconds.
  const job = { name, figuresMs: Number.POSITIVE_INFINITY };
  const { id } = await jobEnd(workspace, submission, job, timeoutMs);
  return { id, name, collected: async (what, isWhole) => await flink.accumulator(id, what, isWhole) };
}

export interface OwnJob {
  readonly id: string;
  readonly name: string;
  collected(what: string, isWhole: (value: string) => boolean): Promise<string | undefined>;
}

/** The job's arguments: its name, the catalog as Flink reaches it, and those of the class. */
function jobArguments(
  { runtime }: Needs<"runtime">,
  name: string,
  own: Readonly<Record<string, string>>,
): string[] {
  const { catalog, secrets } = runtime.inside;
  const properties = Object.entries(catalog).map(([key, value]) => [
    `catalog.${key}`,
    withoutPlaceholders(value, secrets),
  ]);
  const options = { name, ...Object.fromEntries(properties), ...own };
  return Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)]);
}
