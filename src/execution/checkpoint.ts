import { failed } from "../core/errors.js";
import { poll } from "../core/poll.js";
import { causeOf } from "../flink/jobs.js";
import { terminalStates } from "../flink/rest.js";
import type { Needs } from "../workspace/workspace.js";

/**
 * Waits until a job has completed a checkpoint. Its sinks commit right after that.
 *
 * @param since milliseconds since 1970; checkpoints completed before that do not count
 * @returns its number
 * @throws PipectlError (failed) `stream_failed` when the job ends; (unavailable) `timeout` with what is wrong
 */
export async function waitForCheckpoint(
  { flink, config, signal, report }: Needs<"config" | "flink" | "report" | "signal">,
  id: string,
  since: number,
): Promise<number> {
  return await poll(
    async (why) => {
      const [checkpoints, state] = await Promise.all([flink.checkpoints(id), flink.jobState(id)]);
      const last = checkpoints?.lastCompleted;
      if (last !== undefined && last.at > since) return last.id;
      if (state === undefined || terminalStates.has(state)) {
        const cause = state === undefined ? "Flink does not know it" : await causeOf(flink, id, signal);
        throw failed("stream_failed", `job ${id} is ${state ?? "unknown to Flink"}: ${cause}`, {
          hint: "pipectl logs taskmanager",
        });
      }
      const cause = state === "RUNNING" ? checkpoints?.lastFailed?.why : await flink.rootCause(id);
      why(`job ${id} is ${state}${cause === undefined ? "" : `: ${cause}`}`);
      return undefined;
    },
    {
      what: "a checkpoint",
      timeoutMs: 60_000 + 3 * config.values.CHECKPOINT_INTERVAL,
      signal,
      report,
      hint: "pipectl validate",
    },
  );
}
