import { readFile } from "node:fs/promises";
import { poll } from "../core/poll.js";
import type { Report } from "../core/report.js";
import { type Probe, readiness } from "./readiness.js";
import type { Endpoints } from "./runtime.js";

/**
 * Does what a start takes. A service that dies meanwhile ends it at once: what is left of `work` is called off and waited for.
 *
 * @param death rejects with the error for the first service that has died; it never resolves
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
 * Waits until every service answers; of the progress, those are told that do not yet.
 *
 * @param hint the next command where one of this name does not in time
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

/** The end of a service's log, indented for an error: of a Java stack only the lines that name an exception say anything. */
export function lastWords(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+(at |\.\.\. \d+ more)/.test(line))
    .slice(-8)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}

/** The same of a log in files, some of which may be missing. */
export async function lastWordsOf(files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((path) => readFile(path, "utf8").catch(() => "")));
  return lastWords(texts.join("\n"));
}
