import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { projectRoot } from "../helpers/environment.js";
import { pythonProgram } from "../helpers/python.js";
import { emptyStack, freshTopic } from "../helpers/stack.js";
import { type Job, runJob, type StepOutcome, workflowsOf, yamlBlocks } from "../helpers/workflow.js";

const [workflow] = workflowsOf("ci.md");
if (workflow === undefined) throw new Error("docs/ci.md has no workflow");
const job = workflow.jobs.pipeline as Job;
const reports = join(projectRoot, "build", "reports");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipectl-ci-"));
  await emptyStack();
});
afterAll(async () => {
  for (const path of [folder, reports]) await rm(path, { recursive: true, force: true });
});

// The stack stays for the next test, which stops it.
test("docs/ci.md: every step passes, and the reports have the whole account", async () => {
  const { results, summary, junit } = await run("Stop the stack");
  expect(Object.entries(results).filter(([name]) => !name.startsWith("actions/"))).toEqual([
    ["Install pipectl", "success"],
    ["Start the stack", "success"],
    ["Send records", "success"],
    ["Process", "success"],
    ["Validate", "success"],
    ["Keep the services' logs", "skipped"],
    ["Stop the stack", "left out"],
  ]);
  expect(junit).toMatchObject({
    counts: { tests: 6, failures: 0, errors: 0, skipped: 0 },
    properties: { status: "pass", produced: "10000", bronze: "9900", dlq: "100", unaccounted: "0" },
  });
  expect(junit.cases.map((one) => one.is)).toEqual(Array(6).fill("system-out"));
  expect(junit.seconds).toBeGreaterThan(0.1);
  expect(junit.account).toHaveLength(5);
  expect(junit.account.at(-1)).toMatch(/^ +all +10,000 +9,900 +100 +0 +0$/);
  expect(summary).toMatch(/^## pipectl validate: PASS\n/);
  expect(summary).toContain("\n| all | 10,000 | 9,900 | 100 | 0 | 0 |\n");
});

test("docs/ci.md, with records that nobody has processed: the report says so, logs are kept, the stack is stopped", async () => {
  await freshTopic();
  const { results, outcomes, summary, junit } = await run("Process");
  expect(results).toEqual({
    "actions/checkout": "used",
    "actions/setup-node": "used",
    "actions/setup-java": "used",
    "Install pipectl": "success",
    "Start the stack": "success",
    "Send records": "success",
    Process: "left out",
    Validate: "failure",
    "Keep the services' logs": "success",
    "actions/upload-artifact": "used",
    "Stop the stack": "success",
  });
  expect(junit).toMatchObject({
    root: "testsuites",
    sameCounts: true,
    counts: { tests: 6, errors: 0, skipped: 0 },
  });
  expect(junit.counts.failures).toBeGreaterThan(0);
  expect(junit.properties).toMatchObject({
    status: "fail",
    produced: "10000",
    bronze: "0",
    notLanded: "10000",
  });
  expect(junit.cases[2]).toEqual({
    name: "Stage 3: Account of every record",
    is: "failure",
    text: "10,000 produced, nothing has landed\ntry: pipectl process",
  });
  expect(summary).toMatch(/^## pipectl validate: FAIL\n/);
  expect(summary).toContain("\n- Stage 3: pipectl process\n");
  expect(outcomes.find(({ name }) => name === "Validate")?.output).toContain(
    "\n::error title=Stage 3%3A Account of every record::10,000 produced, nothing has landed%0Atry: pipectl process\n",
  );
  expect(readFileSync(join(reports, "services.log"), "utf8")).toMatch(/^taskmanager-1 /m);
});

test("each file of docs/ci.md is what GitHub's and GitLab's own schemas allow", async () => {
  const checker = await pythonProgram("check-jsonschema==0.39.0", "check-jsonschema");
  const check = async (name: string, text: string, schema: string) => {
    const file = join(folder, name);
    await writeFile(file, text);
    return await execa(checker, ["--builtin-schema", `vendor.${schema}`, file], { reject: false, all: true });
  };
  const schemas = ["github-workflows", "github-workflows", "gitlab-ci", "gitlab-ci"];
  const blocks = yamlBlocks("ci.md");
  expect(blocks).toHaveLength(schemas.length);
  for (const [i, block] of blocks.entries()) {
    const { exitCode, all } = await check(`${i}.yml`, block, schemas[i] as string);
    expect(exitCode, all).toBe(0);
  }
  // It can say no.
  const wrong = await check(
    "wrong.yml",
    (blocks[0] as string).replace("timeout-minutes", "timeout-minute"),
    "github-workflows",
  );
  expect(wrong.exitCode).toBe(1);
});

interface Junit {
  readonly counts: Readonly<Record<"tests" | "failures" | "errors" | "skipped", number>>;
  readonly seconds: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly cases: readonly { readonly name: string; readonly is: string; readonly text: string }[];
  readonly account: readonly string[];
}

/** Runs the job once; what it is to upload must be there at its end. */
async function run(leaveOut: string): Promise<{
  results: Readonly<Record<string, string>>;
  outcomes: readonly StepOutcome[];
  summary: string;
  junit: Junit;
}> {
  await rm(reports, { recursive: true, force: true });
  const summaryFile = join(folder, `summary-${leaveOut}.md`);
  await writeFile(summaryFile, "");
  const machine = {
    ...inject("stack"),
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_STEP_SUMMARY: summaryFile,
  };
  const outcomes = await runJob(workflow as NonNullable<typeof workflow>, job, machine, [leaveOut]);
  const results = Object.fromEntries(outcomes.map(({ name, result }) => [name, result]));
  const said = outcomes.map(({ name, result, output }) => `== ${name}: ${result}\n${output}`).join("\n");
  for (const { step, result } of outcomes) {
    if (result === "used" && step.uses?.startsWith("actions/upload-artifact@"))
      expect(existsSync(join(projectRoot, String(step.with?.path))), said).toBe(true);
  }
  const junitFile = join(reports, "validate.xml");
  expect(existsSync(junitFile), said).toBe(true);
  const reader = fileURLToPath(new URL("../helpers/read_junit.py", import.meta.url));
  const { stdout } = await execa("python3", [reader, junitFile]);
  return {
    results,
    outcomes,
    summary: readFileSync(summaryFile, "utf8"),
    junit: JSON.parse(stdout) as Junit,
  };
}
