import type { Report } from "./report.js";

/**
 * Runs something that says nothing while it works, and reports every second that it goes on.
 *
 * @param action is handed the time it may take, in milliseconds
 */
export async function ticking<T>(
  text: string,
  timeoutMs: number,
  report: Report,
  action: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const tick = () => report({ type: "wait", text, elapsedMs: performance.now() - started, timeoutMs });
  const ticker = setInterval(tick, 1_000);
  try {
    return await action(timeoutMs);
  } finally {
    clearInterval(ticker);
  }
}
