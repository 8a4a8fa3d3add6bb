import { readFile } from "node:fs/promises";
import { poll } from "../core/poll.js";
import type { Report } from "../core/report.js";
import { type Probe, readiness } from "./readiness.js";
import type { Endpoints } from "./runtime.js";

/**
 * Runs the work of a start. When a service ends meanwhile, the rest of `work` is aborted and awaited.
 *
 * @param death rejects with the error for the first service that has ended; it never resolves
 */
export async function unlessDead(
  work: (signal: AbortSignal) => Promise<void>,
  death: (signal: AbortSignal) => Promise<never>,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const working = work(both);
  try {
    await Promise.race([working, death(both)]);
  } finally {
    stop.abort();
    await Promise.allSettled([working]);
  }
}

/**
 * Waits until every service answers. The progress names those that do not answer yet.
 *
 * @param hint the next command for a service of this name that does not answer in time
 * @throws PipectlError (unavailable) `timeout`
 */
export async function untilReady(
  probes: readonly Probe[],
  endpoints: Endpoints,
  timeoutMs: number,
  hint: (name: string) => string,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const waiting = new Set(probes.map(({ name }) => name));
  const waits = probes.map(async (probe) => {
    await poll((why) => readiness(probe, endpoints, why), {
      ...{ what: probe.name, timeoutMs, signal, hint: hint(probe.name) },
      report: (event) => report(event.type === "wait" ? { ...event, text: [...waiting].join(", ") } : event),
    });
    waiting.delete(probe.name);
  });
  await Promise.all(waits).finally(() => Promise.allSettled(waits));
}

/**
 * The end of a service's log, indented for an error message. Stack frames are left out, only the lines that name an exception
 * help.
 */
export function lastWords(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+(at |\.\.\. \d+ more)/.test(line))
    .slice(-8)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}

/** The same for log files, some of which may be missing. */
export async function lastWordsOf(files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8").catch(() => "")));
  return lastWords(texts.join("\n"));
}
