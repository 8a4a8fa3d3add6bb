import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { firstWords, outcomeTable } from "../../../.ci/report.mjs";
import { type Need, runSuites, type Timed } from "../../../.ci/runner.mjs";
import { parseTable, type Suite } from "../../../.ci/table.mjs";
import { temporaryFolder } from "../../helpers/folder.js";

const folder = temporaryFolder();
const { suites } = parseTable(`
  suite core
    run touch made; echo '3 passed, 0 failed'
    seconds 1
  suite lint
    run ls made
    counts exit
    seconds 1
  suite docker
    run echo '2 passed, 0 failed'
    needs docker
    seconds 1
  suite silent
    run echo nothing
    needs stack
    seconds 1
  suite data
    run echo ' ↓ test/a.test.ts (1 test | 1 skipped)'; echo ' Test Files  1 passed | 1 skipped (2)'; echo '2 passed, 0 failed'
    may-skip test/a.test.ts
    seconds 1
  suite broken
    run echo '1 passed, 1 failed' >&2; exit 3
    needs stack
    seconds 1
`);

async function run(docker: Need) {
  const root = mkdtempSync(join(folder, "run-"));
  const asked: string[] = [];
  const outcomes: Record<string, Timed> = {};
  await runSuites(suites, {
    // Not on the screen of these tests: their own counts are read there.
    ...{ root, logs: root, first: "core", screen: new PassThrough().resume() },
    need: async (name) => {
      asked.push(name);
      return name === "docker" ? docker : { state: "there", note: "" };
    },
    done: ({ name }: Suite, outcome: Timed) => {
      outcomes[name] = outcome;
    },
  });
  return { root, asked, outcomes };
}

describe("running suites", () => {
  it("runs the first before all others, and counts each by what it printed", async () => {
    const { root, outcomes } = await run({ state: "there", note: "" });
    expect(outcomes).toMatchObject({
      core: { state: "run", passed: 3 },
      // It would fail before the core has made what it looks for.
      lint: { state: "run", passed: 1 },
      docker: { state: "run", passed: 2 },
      data: { state: "run", passed: 2 },
      silent: { state: "failed", failed: 1, note: "ran no test" },
      broken: { state: "failed", passed: 1, failed: 1 },
    });
    expect(readFileSync(join(root, "broken.log"), "utf8")).toBe("1 passed, 1 failed\n");
  });

  it("shows a suite as skipped whose need cannot be had on this machine", async () => {
    const { outcomes } = await run({ state: "missing", note: "no Docker engine" });
    expect(outcomes.docker).toMatchObject({
      state: "skipped",
      passed: 0,
      failed: 0,
      note: "no Docker engine",
    });
  });

  it("takes it for failed where the need was to be made and could not", async () => {
    const { outcomes } = await run({ state: "failed", note: "dockerd did not start" });
    expect(outcomes.docker).toMatchObject({ state: "failed", failed: 1, note: "dockerd did not start" });
  });
});

describe("the report", () => {
  it("has a line for each suite, and says which takes longer than it is to", () => {
    const outcome = { passed: 3, failed: 0, skipped: 0, note: "" };
    const text = outcomeTable([
      ["core", { ...outcome, state: "run", seconds: 500 }, 560],
      ["slow", { ...outcome, state: "run", seconds: 90, skipped: 2 }, 60],
      ["remote", undefined, 240],
      ["docker", { ...outcome, state: "skipped", passed: 0, seconds: 1, note: "no engine" }, 420],
      ["image", { ...outcome, state: "failed", passed: 0, failed: 1, seconds: 5, note: "ran no test" }, 60],
    ]);
    expect(text.split("\n")).toEqual([
      "suite   state         seconds  tests",
      "core    run             500 s  3 passed, 0 failed",
      "slow    run              90 s  3 passed, 0 failed, 2 skipped  .ci/suites says 60 s",
      "remote  not selected",
      "docker  skipped           1 s                                 no engine",
      "image   failed            5 s  0 passed, 1 failed             ran no test",
    ]);
  });

  it("repeats the first words of what failed, or the last ones of what says no more", () => {
    const log = join(folder, "log");
    writeFileSync(
      log,
      `a\n FAIL  |unit| x.test.ts > it (CHAOS_SEED=7)\nAssertionError: 1\n${"more\n".repeat(50)}`,
    );
    expect(firstWords(log).split("\n").slice(0, 2)).toEqual([
      " FAIL  |unit| x.test.ts > it (CHAOS_SEED=7)",
      "AssertionError: 1",
    ]);
    writeFileSync(log, `${"more\n".repeat(50)}error: no space left\n`);
    expect(firstWords(log)).toContain("error: no space left");
    expect(firstWords(join(folder, "nowhere"))).toBe("");
  });
});
