import { duration } from "../core/format.js";
import type { StreamJob, StreamResult } from "../pipeline/stream/start.js";
import type { StopResult } from "../pipeline/stream/stop.js";

export function streamView({ silver, seconds, ...bronze }: StreamResult): string {
  const jobs = silver === undefined ? [bronze] : [bronze, silver];
  return [...jobs.flatMap(linesOf), "  stop it    pipectl stop", `done in ${duration(seconds * 1000)}`].join(
    "\n",
  );
}

function linesOf({ job, started, state, checkpoint, dashboard }: StreamJob): string[] {
  const lines = [`${job.state}  ${job.id}  ${job.name}`];
  if (!started) lines.push("it ran already: nothing was changed");
  if (state !== null) lines.push(`goes on from ${state}`);
  if (checkpoint !== null) lines.push(`checkpoint ${checkpoint} is complete`);
  return [...lines, `  dashboard  ${dashboard}`];
}

export function stopView({ stopped }: StopResult): string {
  if (stopped.length === 0) return "no streaming job was running";
  const silver = stopped.some(({ kind }) => kind === "silver") ? " --silver" : "";
  return [
    ...stopped.flatMap(({ id, name, savepoint }) => [
      `stopped  ${id}  ${name}`,
      savepoint === null ? "  cancelled: it goes on from its last checkpoint" : `  savepoint  ${savepoint}`,
    ]),
    `  go on      pipectl process-streaming${silver}`,
  ].join("\n");
}
