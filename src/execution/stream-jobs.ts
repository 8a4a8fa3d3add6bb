import type { Dataset } from "../dataset/types.js";
import { untilEnded } from "../flink/jobs.js";
import { type JobOverview, terminalStates } from "../flink/rest.js";
import type { Needs } from "../workspace/workspace.js";
import { jobNames } from "./job-names.js";

/** The table that a stream writes. Bronze comes first: when both are stopped, silver can still read bronze's last commit. */
export const streamKinds = ["bronze", "silver"] as const;
export type StreamKind = (typeof streamKinds)[number];

/** The prefix of the names of a dataset's streaming jobs. */
export const streamPrefix = (dataset: Dataset, kind: StreamKind): string => {
  const { streamingBronze, streamingSilver } = jobNames(dataset, "");
  return kind === "bronze" ? streamingBronze : streamingSilver;
};

/** A streaming job that has not ended. */
export interface ActiveStream extends JobOverview {
  readonly kind: StreamKind;
}

/** The dataset's streaming jobs that have not ended: by kind, newest first. There should be at most one of each kind. */
export async function activeStreams(
  { flink, dataset }: Needs<"dataset" | "flink">,
  kinds: readonly StreamKind[] = streamKinds,
): Promise<ActiveStream[]> {
  const active = (await flink.jobs())
    .filter(({ state }) => !terminalStates.has(state))
    .sort((a, b) => b.startTime - a.startTime);
  return kinds.flatMap((kind) =>
    active
      .filter(({ name }) => name.startsWith(streamPrefix(dataset, kind)))
      .map((job) => ({ ...job, kind })),
  );
}

/** The stream that is running or restarting. A job that is ending is waited for, because it may still commit. */
export async function runningStream(
  workspace: Needs<"dataset" | "flink" | "report" | "signal">,
  kind: StreamKind,
): Promise<ActiveStream | undefined> {
  const { flink, signal, report } = workspace;
  const [job] = await activeStreams(workspace, [kind]);
  if (job === undefined || !["CANCELLING", "FAILING"].includes(job.state)) return job;
  await untilEnded(flink, job.id, signal, report);
  return (await activeStreams(workspace, [kind]))[0];
}
