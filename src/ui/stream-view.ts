import { duration } from "../core/format.js";
import type { StreamResult } from "../pipeline/stream/start.js";
import type { StopResult } from "../pipeline/stream/stop.js";

export function streamView({ job, started, state, checkpoint, dashboard, seconds }: StreamResult): string {
  const lines = [`${job.state}  ${job.id}  ${job.name}`];
  if (!started) lines.push("it ran already: nothing was changed");
  if (state !== null) lines.push(`goes on from ${state}`);
  if (checkpoint !== null) lines.push(`checkpoint ${checkpoint} is complete`);
  lines.push(`  dashboard  ${dashboard}`, "  stop it    pipectl stop", `done in ${duration(seconds * 1000)}`);
  return lines.join("\n");
}

export function stopView({ stopped }: StopResult): string {
  if (stopped.length === 0) return "no streaming job was running";
  return stopped
    .flatMap(({ id, name, savepoint }) => [
      `stopped  ${id}  ${name}`,
      savepoint === null ? "  cancelled: it goes on from its last checkpoint" : `  savepoint  ${savepoint}`,
      "  go on      pipectl process-streaming",
    ])
    .join("\n");
}
