import { type JobOverview, terminalStates } from "../../flink/rest.js";
import { jobNames } from "../sql-context.js";
import type { Workspace } from "../workspace.js";

/** The dataset's streaming bronze jobs that have not ended, the newest first. There should be one at the most. */
export async function activeStreams({ flink, dataset }: Workspace): Promise<JobOverview[]> {
  const prefix = jobNames(dataset, "").streamingBronze;
  return (await flink.jobs())
    .filter(({ name, state }) => name.startsWith(prefix) && !terminalStates.has(state))
    .sort((a, b) => b.startTime - a.startTime);
}
