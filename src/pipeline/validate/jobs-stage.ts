import { plural } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import type { Verdict } from "../../core/verdict.js";
import { jobNames } from "../../execution/job-names.js";
import type { RecordedJob, RunRecord } from "../../workspace/run-record.js";
import type { Workspace } from "../../workspace/workspace.js";
import { lastJobs } from "./last-jobs.js";
import type { StageCheck } from "./stage-check.js";
import { streamVerdict } from "./stream-verdict.js";

/** The jobs of the last run are FINISHED (batch), or the stream is RUNNING. Warm-ups and queries do not count. */
export const jobsCheck: StageCheck = {
  name: "Flink job state",
  deep: false,
  looks: [
    async ({ workspace }) =>
      workspace.config.values.MODE === "batch" ? await batchJobs(workspace) : await streamVerdict(workspace),
  ],
};

/**
 * Judged by the job ids that `process` recorded, because Flink forgets finished jobs after an hour or when it restarts. If
 * Flink still knows a job, its state takes precedence over the record.
 */
async function batchJobs(workspace: Workspace): Promise<Verdict> {
  const { flink, catalog, dataset } = workspace;
  const record = await lastJobs(workspace);
  // A topic without a good record has no rows for silver, so that no silver job has run.
  const nothingGood = async () => {
    const bronze = await catalog.table(dataset.tables.bronze);
    return bronze !== undefined && bronze.current === undefined;
  };
  const kinds: readonly (keyof RunRecord)[] =
    record.bronze !== undefined && record.silver === undefined && (await nothingGood())
      ? ["bronze"]
      : ["bronze", "silver"];
  const missing = kinds.filter((kind) => record[kind] === undefined);
  if (missing.length > 0) {
    return {
      status: "fail",
      detail: `no ${missing.join(" and no ")} job of ${dataset.name} has run on this stack`,
      hint: missing.length === 2 ? "pipectl process" : `pipectl process-${missing[0]}`,
    };
  }
  const recorded = kinds.map((kind) => record[kind]) as RecordedJob[];
  const states = await Promise.all(recorded.map(async (job) => (await flink.jobState(job.id)) ?? job.state));
  const finished = states.filter((state) => state === "FINISHED").length;
  const since = Math.max(...recorded.map((job) => Date.parse(job.endedAt)));
  // Several datasets may share one Flink.
  const { bronze, silver, silverKeys, streamingBronze, streamingSilver } = jobNames(dataset, "");
  const own = [bronze, silver, silverKeys, streamingBronze, streamingSilver];
  const failedSince = (await flink.jobs()).filter(
    (job) =>
      own.some((prefix) => job.name.startsWith(prefix)) && job.state === "FAILED" && job.startTime > since,
  );
  const restarts = await Promise.all(recorded.map(async (job) => (await flink.restarts(job.id)) ?? 0));
  const restarted = sum(restarts);
  const detail = `${finished} FINISHED, ${plural(restarted, "restart")}`;
  if (finished < kinds.length) {
    const other = recorded
      .map((job, i) => `${job.name} is ${states[i]}`)
      .filter((_, i) => states[i] !== "FINISHED");
    return { status: "fail", detail: `${detail}; ${other.join("; ")}`, hint: "pipectl process" };
  }
  const [failedJob] = failedSince;
  if (failedJob !== undefined) {
    const cause = await flink.rootCause(failedJob.id);
    return {
      status: "fail",
      detail: `${detail}; ${plural(failedSince.length, "job")} FAILED since, the last: ${failedJob.name}: ${cause ?? "no cause given"}`,
      hint: "pipectl process",
    };
  }
  return { status: restarted > 0 ? "warn" : "pass", detail };
}
