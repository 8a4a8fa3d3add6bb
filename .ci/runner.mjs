// @ts-check
// Runs suites: one after the other those that need servers or the machine's cores, and beside them those that need nothing.
import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { count } from "./count.mjs";

/** @typedef {import("./table.mjs").Suite} Suite */
/** @typedef {import("./count.mjs").Outcome & { readonly seconds: number }} Timed */
/** @typedef {{ readonly state: "there" | "missing" | "failed", readonly note: string }} Need */

/** Groups of processes that run now: what ends the run ends them. @type {Set<number>} */
const groups = new Set();

/** @param {NodeJS.Signals} signal */
export function endAll(signal) {
  for (const group of groups) {
    try {
      process.kill(-group, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/**
 * @param {string} command  for bash
 * @param {{ cwd: string, log: string, screen?: NodeJS.WritableStream | undefined }} how  `log`: the file for what it prints
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export async function shell(command, { cwd, log, screen }) {
  const file = createWriteStream(log);
  const child = spawn("bash", ["-c", command], { cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) groups.add(child.pid);
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(file, { end: false });
    if (screen !== undefined) stream.pipe(screen, { end: false });
  }
  /** @type {number} */
  const exitCode = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  if (child.pid !== undefined) groups.delete(child.pid);
  await new Promise((resolve) => file.end(resolve));
  return exitCode;
}

/**
 * @param {Suite} suite
 * @param {How} how
 * @param {NodeJS.WritableStream | undefined} screen
 * @returns {Promise<import("./count.mjs").Outcome>}
 */
async function runSuite(suite, { root, logs, need }, screen) {
  screen?.write(`\n== ${suite.name}: ${suite.run}\n`);
  for (const wanted of suite.needs) {
    const { state, note } = await need(wanted);
    if (state === "there") continue;
    screen?.write(`${note}\n`);
    const none = { passed: 0, skipped: 0, note };
    return state === "failed" ? { ...none, state, failed: 1 } : { ...none, state: "skipped", failed: 0 };
  }
  const log = join(logs, `${suite.name}.log`);
  const exitCode = await shell(suite.run, { cwd: root, log, screen });
  return count(readFileSync(log, "utf8"), exitCode, suite.counts, suite.maySkip);
}

/**
 * @typedef {object} How
 * @property {string} root  the project's folder
 * @property {string} logs  a folder
 * @property {string} first  the name of the suite that all others wait for: it makes packages and build
 * @property {NodeJS.WritableStream} screen
 * @property {(need: string) => Promise<Need>} need  makes what a suite needs, once for each name
 * @property {(suite: Suite, outcome: Timed) => void} done  called when a suite has ended
 */

/**
 * @param {readonly Suite[]} suites
 * @param {How} how
 * @returns {Promise<void>}
 */
export async function runSuites(suites, how) {
  /** @param {readonly Suite[]} of @param {NodeJS.WritableStream} [screen] */
  const lane = async (of, screen) => {
    for (const suite of of) {
      const began = performance.now();
      const outcome = await runSuite(suite, how, screen);
      const seconds = Math.round((performance.now() - began) / 1000);
      screen?.write(`-- ${suite.name} took ${seconds} s\n`);
      how.done(suite, { ...outcome, seconds });
    }
  };
  const isFirst = (/** @type {Suite} */ { name }) => name === how.first;
  await lane(suites.filter(isFirst), how.screen);
  const rest = suites.filter((suite) => !isFirst(suite));
  const inTurn = rest.filter(({ needs }) => needs.length > 0);
  const beside = rest.filter(({ needs }) => needs.length === 0);
  // What takes minutes to make is made beside the first of them.
  for (const wanted of new Set(inTurn.flatMap(({ needs }) => needs))) how.need(wanted).catch(() => {});
  // Two lanes would mix on the screen: what runs beside is in its log, and in the table at the end.
  await Promise.all([lane(inTurn, how.screen), lane(beside, inTurn.length === 0 ? how.screen : undefined)]);
}
