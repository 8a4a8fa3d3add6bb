import type { Dataset } from "../dataset/types.js";
import { untilEnded } from "../flink/jobs.js";
import { type JobOverview, terminalStates } from "../flink/rest.js";
import type { Needs } from "../workspace/workspace.js";
import { jobNames } from "./job-names.js";

/** The table that a stream keeps. Bronze first: when both are stopped, silver may still take what that commits at its end. */
export const streamKinds = ["bronze", "silver"] as const;
export type StreamKind = (typeof streamKinds)[number];

/** How the names of a dataset's streaming jobs begin. */
export const streamPrefix = (dataset: Dataset, kind: StreamKind): string => {
  const { streamingBronze, streamingSilver } = jobNames(dataset, "");
  return kind === "bronze" ? streamingBronze : streamingSilver;
};

/** A streaming job of ours that has not ended. */
export interface ActiveStream extends JobOverview {
  readonly kind: StreamKind;
}

/** The dataset's streaming jobs that have not ended, by kind, the newest first. There should be one of each at the most. */
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

/** The stream that runs, or tries to again. One that is ending is waited for: it may still commit. */
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
