// @ts-check
// What a suite has shown, by what it printed and how it ended.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

/**
 * @typedef {object} Outcome
 * @property {"run" | "failed" | "skipped"} state  `run`: all that it ran has passed. `skipped`: what it needs is not there
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} note  why, where the numbers do not say it; else empty
 */

/**
 * A suite that ran no test has not passed: where what it needs is there, it has failed.
 *
 * @param {string} output
 * @param {number} exitCode
 * @param {"tests" | "exit"} counts
 * @param {readonly string[]} maySkip  files of tests that may skip all of their tests
 * @returns {Outcome}
 */
export function count(output, exitCode, counts, maySkip = []) {
  const lines = stripVTControlCharacters(output).split("\n");
  // Vitest, once for each time that it ran: "      Tests  2 failed | 40 passed | 1 skipped (43)".
  // A script of ours, a line of its own: "40 passed, 2 failed, 1 skipped".
  const told = lines.filter(
    (line) => /^ +Tests +\d/.test(line) || /^\d+ passed, \d+ failed(, \d+ skipped)?$/.test(line),
  );
  const sum = (/** @type {RegExp} */ word) =>
    told.reduce((total, line) => total + Number(word.exec(line)?.[1] ?? 0), 0);
  const result = {
    passed: sum(/(\d+) passed/),
    failed: sum(/(\d+) failed/),
    skipped: sum(/(\d+) (?:skipped|todo)/),
  };
  if (exitCode !== 0 && result.failed === 0)
    return { ...result, state: "failed", failed: 1, note: `ended with exit code ${exitCode}` };
  if (result.failed > 0) return { ...result, state: "failed", note: "" };
  if (counts === "exit") return { ...result, state: "run", passed: Math.max(1, result.passed), note: "" };
  // One command may run several times what counts by itself: each of them must have run something.
  const idle = told.filter((line) => !/[1-9]\d* passed/.test(line));
  if (told.length === 0) return { ...result, state: "failed", failed: 1, note: "ran no test" };
  if (idle.length > 0) return { ...result, state: "failed", failed: 1, note: "skipped all tests by itself" };
  const files = skippedFiles(lines, maySkip);
  if (files !== "") return { ...result, state: "failed", failed: 1, note: `skipped whole files: ${files}` };
  return { ...result, state: "run", note: "" };
}

/**
 * Files of tests that skipped all of their tests and may not. Vitest says how many there were,
 * " Test Files  2 passed | 1 skipped (3)", and above names each: " ↓ |unit| test/unit/x.test.ts (2 tests | 2 skipped)".
 *
 * @param {readonly string[]} lines
 * @param {readonly string[]} maySkip
 * @returns {string} empty where there is none
 */
function skippedFiles(lines, maySkip) {
  const skipped = lines
    .filter((line) => /^ +Test Files +\d/.test(line))
    .reduce((total, line) => total + Number(/(\d+) skipped/.exec(line)?.[1] ?? 0), 0);
  const named = lines.flatMap((line) => /^ ↓ .*?(\S+\.test\.ts) \(/.exec(line)?.[1] ?? []);
  const wrong = named.filter((file) => !maySkip.includes(file));
  if (skipped <= named.length - wrong.length) return "";
  return wrong.join(", ") || `${skipped}, of which the output does not name all`;
}

/**
 * The same with Java's tests: Surefire prints nothing when all is well, but its reports say
 * "Tests run: 5, Failures: 0, Errors: 0, Skipped: 0, Time ...".
 *
 * @param {string} folder  of the reports; those of a run before must be gone
 * @param {Outcome} outcome
 * @returns {Pick<Outcome, "state" | "passed" | "failed" | "skipped" | "note">}
 */
export function surefireOf(folder, { state, passed, failed, skipped, note }) {
  const reports = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".txt")) : [];
  const before = passed;
  for (const report of reports) {
    const said = /^Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)/m;
    const found = said.exec(readFileSync(join(folder, report), "utf8"));
    const [run = 0, failures = 0, errors = 0, unrun = 0] = (found ?? []).slice(1).map(Number);
    passed += run - failures - errors - unrun;
    failed += failures + errors;
    skipped += unrun;
  }
  if (passed === before && failed === 0 && state === "run")
    return { state: "failed", passed, failed: 1, skipped, note: "no test of Java has passed" };
  return { state: failed > 0 ? "failed" : state, passed, failed, skipped, note };
}

/**
 * The line that stands last, alone.
 *
 * @param {readonly { passed: number, failed: number, skipped: number }[]} outcomes
 */
export function closingLine(outcomes) {
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0);
  const skipped = sum("skipped");
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
