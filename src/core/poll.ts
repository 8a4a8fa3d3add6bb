import { setTimeout as delay } from "node:timers/promises";
import { unavailable } from "./errors.js";
import type { Report } from "./report.js";

export interface PollOptions {
  /** What is waited for, to follow the word "waiting for": "Kafka on 127.0.0.1:9092". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly report?: Report;
  /** Milliseconds between two looks; 100 unless told. */
  readonly intervalMs?: number;
  /** The next command to try when the time is up. */
  readonly hint?: string;
}

/**
 * Looks again and again until `look` returns something other than `undefined`, and returns that.
 * What `look` throws ends the wait at once; a last "not yet" is an `unavailable` error that says what was missing.
 *
 * @param look returns `undefined` for "not yet"; it may call `why` to say what is missing, for progress and for the error
 */
export async function poll<T>(
  look: (why: (reason: string) => void) => Promise<T | undefined>,
  options: PollOptions,
): Promise<T> {
  const { what, timeoutMs, signal, report, intervalMs = 100, hint } = options;
  const start = performance.now();
  let reason = "";
  for (;;) {
    signal.throwIfAborted();
    const found = await look((text) => {
      reason = text;
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

/** Waits until `work` has ended, well or not, but no longer than `timeoutMs`. What it ended with is the caller's to ask. */
export async function settledWithin(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  work.then(end, end);
  await delay(timeoutMs, undefined, { signal: ended.signal }).catch(() => {});
}
