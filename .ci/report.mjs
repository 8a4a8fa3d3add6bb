// @ts-check
// What a run shows at its end: a line for each suite, what failed, the time, and the closing line.
import { existsSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { closingLine } from "./count.mjs";

/** @typedef {import("./runner.mjs").Timed} Timed */

/**
 * @param {readonly (readonly [name: string, outcome: Timed | undefined, budget: number])[]} lines  no outcome: not selected;
 *   `budget`: the seconds of `.ci/suites`, which are shown where they are exceeded and fail nothing
 * @returns {string}
 */
export function outcomeTable(lines) {
  const rows = lines.map(([name, outcome, budget]) => {
    if (outcome === undefined) return [name, "not selected"];
    const { state, seconds, note } = outcome;
    const tests = state === "skipped" ? "" : closingLine([outcome]);
    return [
      name,
      state,
      `${seconds} s`,
      tests,
      note || (seconds > budget * 1.2 ? `.ci/suites says ${budget} s` : ""),
    ];
  });
  const table = [["suite", "state", "seconds", "tests", ""], ...rows];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => (row[i] ?? "").length)));
  const line = (/** @type {readonly string[]} */ row) =>
    row
      .map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return table.map(line).join("\n");
}

/**
 * The first words of what failed: the suite's own may be far above.
 *
 * @param {string} log  a file
 */
export function firstWords(log) {
  if (!existsSync(log)) return "";
  const lines = stripVTControlCharacters(readFileSync(log, "utf8")).split("\n");
  const wrong = /^ FAIL |^ {2}FAIL |^\[ERROR\] Tests run:.*(Failures: [1-9]|Errors: [1-9])/;
  const found = lines.flatMap((line, i) => (wrong.test(line) ? lines.slice(i, i + 5) : []));
  return (found.length > 0 ? found.slice(0, 40) : lines.slice(-15)).join("\n");
}
