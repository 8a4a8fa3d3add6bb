import { setTimeout as delay } from "node:timers/promises";
import { PipectlError, unavailable } from "./errors.js";
import type { Report } from "./report.js";

export interface PollOptions {
  /** The subject of the wait, to follow the words "waiting for": "Kafka on 127.0.0.1:9092". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly report?: Report;
  /** Milliseconds between two looks; by default 100. */
  readonly intervalMs?: number;
  /** The next command to try when the time is up. */
  readonly hint?: string;
  /** True when an error that may pass is a reason to look again, as long as the time is not up. */
  readonly patient?: boolean;
}

/**
 * Calls `look` until it returns something other than `undefined`, and returns that. An error of `look` ends the wait at once, unless the wait is patient with it. When the
 * time is up, throws an `unavailable` error that says what was missing.
 *
 * @param look returns `undefined` for "not yet"; it may call `why` to say what is missing, for progress and for the error
 */
export async function poll<T>(
  look: (why: (reason: string) => void) => Promise<T | undefined>,
  options: PollOptions,
): Promise<T> {
  const { what, timeoutMs, signal, report, intervalMs = 100, hint, patient = false } = options;
  const start = performance.now();
  let reason = "";
  for (;;) {
    signal.throwIfAborted();
    const found = await look((text) => {
      reason = text;
    }).catch((error: unknown) => {
      if (!patient || !(error instanceof PipectlError) || !error.mayPass) throw error;
      reason = error.message;
      return undefined;
    });
    if (found !== undefined) return found;
    const elapsedMs = performance.now() - start;
    if (elapsedMs >= timeoutMs) {
      throw unavailable(
        "timeout",
        `gave up waiting for ${what} after ${Math.round(timeoutMs / 1000)} s${reason === "" ? "" : `: ${reason}`}`,
        hint === undefined ? {} : { hint },
      );
    }
    report?.({ type: "wait", text: what, elapsedMs, timeoutMs, ...(reason === "" ? {} : { reason }) });
    await delay(Math.min(intervalMs, timeoutMs - elapsedMs), undefined, { signal });
  }
}

/** Waits until `work` has settled, but no longer than `timeoutMs`. The outcome is not looked at. */
export async function settledWithin(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  work.then(end, end);
  await delay(timeoutMs, undefined, { signal: ended.signal }).catch(() => {});
}
