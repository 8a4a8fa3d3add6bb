import { setTimeout as delay } from "node:timers/promises";
import { messageOf, PipectlError } from "./errors.js";
import type { Report } from "./report.js";

/** How long a client asks one server again that does not answer in time. Each client has its own. */
export interface Patience {
  /** Milliseconds since the server began not to answer. */
  readonly ms: number;
  readonly report: Report;
  /** By `performance.now()`; undefined while it answers. One that has used up the time is then asked once each time. */
  failingSince?: number | undefined;
}

/** For a command that sets no time of its own: longer than two busy cores keep a server from answering. */
export const usualPatienceMs = 60_000;

/** True for an error that another try may not have: the server was too slow, or cut the connection. */
export const mayPass = (error: unknown): error is PipectlError =>
  error instanceof PipectlError && error.mayPass;

/**
 * Asks, and asks again while the server is too slow or too busy, with growing pauses, until the patience is used up. Then throws the last
 * error or returns the last answer. Only for requests that look, or that may be made twice.
 *
 * @param what the server, for progress
 * @param isBusy true for an answer by which the server says that it could not look right now
 */
export async function askAgain<T>(
  what: string,
  ask: () => Promise<T>,
  {
    patience,
    signal = new AbortController().signal,
    isBusy = () => false,
  }: {
    readonly patience: Patience | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly isBusy?: (answer: T) => boolean;
  },
): Promise<T> {
  if (patience === undefined) return await ask();
  for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 5_000)) {
    const began = performance.now();
    let reason = "it says that it is busy";
    const outcome = await ask().then(
      (answer) => ({ answer }),
      (error: unknown) => {
        reason = messageOf(error);
        return { error };
      },
    );
    const again = "error" in outcome ? mayPass(outcome.error) : isBusy(outcome.answer);
    if (!again) {
      patience.failingSince = undefined;
    } else {
      patience.failingSince ??= began;
      const elapsedMs = performance.now() - patience.failingSince;
      if (elapsedMs + pauseMs < patience.ms) {
        const event = { text: `${what} to answer`, elapsedMs, timeoutMs: patience.ms, reason };
        patience.report({ type: "wait", ...event });
        await delay(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        continue;
      }
    }
    if ("error" in outcome) throw outcome.error;
    return outcome.answer;
  }
}
