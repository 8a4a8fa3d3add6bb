// @ts-check
// What .ci/run and .ci/nightly do, once the tools are there: `main.mjs run`, `main.mjs nightly [NAME...]`.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closingLine, surefireOf } from "./count.mjs";
import { cleanCommit, greenAt } from "./green.mjs";
import { endEngine, leftBehind, needsOf } from "./needs.mjs";
import { firstWords, outcomeTable } from "./report.mjs";
import { endAll, runSuites, shell } from "./runner.mjs";
import { changesSinceBase, choose, tableAt } from "./select.mjs";
import { readTable } from "./table.mjs";

/** @typedef {import("./runner.mjs").Timed} Timed */

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const logs = join(root, "build", "ci", "logs");
const surefire = join(root, "flink", "cluster", "target", "surefire-reports");
const say = (/** @type {string} */ text) => void process.stdout.write(`${text}\n`);
const began = Number(process.env.CI_BEGAN ?? Date.now() / 1000);
const [mode, ...named] = process.argv.slice(2);
const table = readTable(root);
const every = table.suites.filter(({ when }) => mode === "nightly" || when !== "nightly");
const [core] = every;

const wrong = named.filter((name) => !every.some((suite) => suite.name === name));
if (
  core === undefined ||
  wrong.length > 0 ||
  !(mode === "nightly" || (mode === "run" && named.length === 0))
) {
  if (wrong.length > 0) process.stderr.write(`no suite is called ${wrong.join(", ")}\n`);
  process.stderr.write(
    `usage: .ci/run | .ci/nightly [NAME]..., of ${table.suites.map(({ name }) => name).join(" ")}\n`,
  );
  process.exit(2);
}

/** @returns {{ chosen: readonly string[], why: string }} */
function selection() {
  if (named.length > 0) return { chosen: named, why: "named" };
  const all = every.map(({ name }) => name);
  if (mode === "nightly" || process.env.CI_ALL === "1") return { chosen: all, why: "all suites" };
  const changes = changesSinceBase(root);
  if ("unknown" in changes) return { chosen: all, why: changes.unknown };
  return choose(table, changes.files, tableAt(root, changes.base));
}

for (const folder of [logs, surefire]) rmSync(folder, { recursive: true, force: true });
mkdirSync(logs, { recursive: true });
/** Signals, and the exit codes by which shells tell of them. */
const signals = /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
]);
for (const [signal, exitCode] of signals) {
  process.on(signal, () => {
    endAll(signal);
    endEngine(root);
    process.exit(exitCode);
  });
}

const { chosen, why } = selection();
const commit = mode === "nightly" ? cleanCommit(root) : undefined;
const green = commit === undefined ? undefined : greenAt(root, commit);
/** @type {Map<string, Timed>} */
const outcomes = new Map();
if (named.length === 0) {
  for (const { name } of every) {
    const before = green?.read(name);
    if (before !== undefined) outcomes.set(name, { ...before, note: "passed before, at this commit" });
  }
}
const suites = every.filter(({ name }) => chosen.includes(name) && !outcomes.has(name));
say(`CHAOS_SEED=${process.env.CHAOS_SEED}`);
say(`${why}: ${suites.map(({ name }) => name).join(" ") || "nothing is left to run"}`);

/** A failure outside of any suite. @param {string} name @param {string} note */
const fault = (name, note) =>
  outcomes.set(name, { state: "failed", passed: 0, failed: 1, skipped: 0, note, seconds: 0 });

// The core begins with packages and a build; without it they are made here.
const prepare = "npm ci --no-audit --no-fund && npm run --silent build";
if (suites.length > 0 && suites[0] !== core) {
  if ((await shell(prepare, { cwd: root, log: join(logs, "packages.log"), screen: process.stdout })) !== 0)
    fault("packages", prepare);
}
if (!outcomes.has("packages")) {
  await runSuites(suites, {
    ...{ root, logs, first: core.name, screen: process.stdout, need: needsOf(root, logs) },
    done(suite, outcome) {
      const whole = suite === core ? { ...outcome, ...surefireOf(surefire, outcome) } : outcome;
      outcomes.set(suite.name, whole);
      if (whole.state === "run" && commit !== undefined && cleanCommit(root) === commit)
        green?.keep(suite.name, whole);
    },
  });
}
const engine = endEngine(root);
if (engine !== "") fault("engine", engine);
const left = leftBehind(root);
if (left.length > 0) fault("processes", `${left.length} left behind`);
for (const line of left) say(`left behind: ${line.slice(0, 200)}`);

const failed = [...outcomes].filter(([, { state }]) => state === "failed").map(([name]) => name);
for (const name of failed)
  say(
    `\n== ${name} failed (CHAOS_SEED=${process.env.CHAOS_SEED}):\n${firstWords(join(logs, `${name}.log`))}`,
  );
const budgets = new Map(every.map(({ name, seconds }) => [name, seconds]));
const lines = [...new Set([...budgets.keys(), ...outcomes.keys()])].map(
  (name) => /** @type {const} */ ([name, outcomes.get(name), budgets.get(name) ?? 0]),
);
say(`\n${outcomeTable(lines)}`);
if (mode === "nightly" && named.length === 0) {
  const ran = every.every(({ name }) => outcomes.get(name)?.state === "run") && failed.length === 0;
  const kept = commit !== undefined && cleanCommit(root) === commit;
  if (ran && kept) writeFileSync(join(root, ".ci", "base"), `${commit}\n`);
  if (ran && kept) say(`\n.ci/base is ${commit} now: commit it`);
  else say(`\n.ci/base stays: ${ran ? "what was run is not all committed" : "not every suite has passed"}`);
}
say(`\n${Math.round(Date.now() / 1000 - began)} s in all\n`);
say(closingLine([...outcomes.values()]));
process.exitCode = failed.length === 0 ? 0 : 1;
