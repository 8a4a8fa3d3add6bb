import { count, plural } from "../core/format.js";
import type { ReplayResult } from "../pipeline/dead-letters/replay.js";

export function replayView(result: ReplayResult, dryRun: boolean): string {
  const { examined, replayed, left, partitions, restarted, seconds } = result;
  if (examined === 0) return "there are no dead letters";
  const can = dryRun ? "can be read by now" : "went to bronze";
  return [
    `${plural(examined, "dead letter")}: ${count(replayed)} ${can}, ${count(left)} ${dryRun ? "would stay" : "stay"}`,
    ...partitions.map(
      (one) =>
        `  ${one.incarnation === 0 ? "" : `incarnation ${one.incarnation}, `}partition ${one.partition}: ${count(one.replayed)}`,
    ),
    ...restarted.map(({ kind, id }) => `${kind}: goes on with job ${id}`),
    ...(dryRun
      ? []
      : [`done in ${seconds} s${replayed > 0 ? "; process-silver takes them into silver" : ""}`]),
  ].join("\n");
}
