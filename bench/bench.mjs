// What pipectl costs, against what a user would use instead. `npm run bench [-- --only NAME] [--rounds N]`
//
// Each row measures both ways in turns on one machine in one run and shows the ratio of their medians; figures in s, MB or
// GB stand by themselves. It has a stack, ports (PORT_OFFSET, 3500) and a state of its own, and removes them. The raw
// figures stay in .pipectl/benchmarks. Exit 1 when a goal is missed.
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { beside } from "./rows/beside.mjs";
import { bronze } from "./rows/bronze.mjs";
import { compact } from "./rows/compact.mjs";
import { apply, nested } from "./rows/dataset.mjs";
import { files } from "./rows/files.mjs";
import { generate } from "./rows/generate.mjs";
import { help } from "./rows/help.mjs";
import { infer } from "./rows/infer.mjs";
import { lag, size, up } from "./rows/large.mjs";
import { cold, nothing, warm } from "./rows/process.mjs";
import { remote } from "./rows/remote.mjs";
import { catchup, fresh, idle, submit } from "./rows/stream.mjs";
import { maintain, tables, upkeep } from "./rows/upkeep.mjs";
import { root, settle, tidy } from "./stack.mjs";

const rows = {
  help,
  up,
  lag,
  generate,
  files,
  infer,
  warm,
  cold,
  nothing,
  bronze,
  size,
  submit,
  catchup,
  fresh,
  idle,
  remote,
  tables,
  compact,
  upkeep,
  maintain,
  beside,
  nested,
  apply,
};

const { values } = parseArgs({
  options: { only: { type: "string" }, rounds: { type: "string", default: "3" } },
});
const names = values.only === undefined ? Object.keys(rows) : values.only.split(",");
const unknown = names.filter((name) => rows[name] === undefined);
if (unknown.length > 0) {
  console.error(`error: no row is called ${unknown.join(", ")}; there are ${Object.keys(rows).join(", ")}`);
  process.exit(2);
}

process.once("SIGINT", async () => {
  await tidy();
  process.exit(130);
});

const lines = [];
const failures = [];
const started = new Date();
try {
  if (names.some((name) => !["help", "infer", "remote"].includes(name))) await settle();
  for (const name of names) {
    const begin = performance.now();
    try {
      for (const line of await rows[name](Number(values.rounds))) {
        lines.push(line);
        show(line);
      }
    } catch (error) {
      failures.push(name);
      console.error(`${name}: ${error.stderr || error.stack}`);
    }
    console.error(`  (${name}: ${Math.round((performance.now() - begin) / 1000)} s)`);
  }
} finally {
  await tidy();
}
const folder = join(root, ".pipectl", "benchmarks");
await mkdir(folder, { recursive: true });
const file = join(folder, `bench-${started.toISOString().replace(/[-:]|\..*/g, "")}.json`);
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
};
await writeFile(file, `${JSON.stringify({ started, machine, lines, failures }, undefined, 2)}\n`);
const reached = lines.filter(({ pass }) => pass).length;
const goals = lines.length + failures.length;
console.log(`${reached} of ${goals} goals reached`);
process.exit(reached === goals ? 0 : 1);

function show({ what, value, unit, goal, pass, figures }) {
  console.log(
    `${pass ? "pass" : "FAIL"}  ${what.padEnd(64)} ${String(value).padStart(6)}${unit}  goal ${goal}`,
  );
  for (const [way, all] of Object.entries(figures)) console.log(`        ${way}: ${all.join("  ")}`);
}
