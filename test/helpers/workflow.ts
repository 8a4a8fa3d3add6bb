import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { projectRoot } from "./environment.js";

type Environment = Readonly<Record<string, string | number | boolean>>;

/** What of GitHub's workflow syntax the examples in docs/ use; anything else is refused below, never passed over. */
export interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly env?: Environment;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
}

export interface Job {
  readonly "runs-on": string;
  readonly "timeout-minutes": number;
  readonly env?: Environment;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly name: string;
  readonly permissions: unknown;
  readonly env?: Environment;
  readonly defaults: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The `yaml` blocks of a page of docs/, in order, as text. */
export function yamlBlocks(page: string): string[] {
  const text = readFileSync(join(projectRoot, "docs", page), "utf8");
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
}

/** The workflows among the blocks of a page: those that have jobs. */
export function workflowsOf(page: string): Workflow[] {
  return yamlBlocks(page)
    .map((block) => parse(block) as Workflow)
    .filter(({ jobs }) => jobs !== undefined);
}

export type Result = "success" | "failure" | "skipped" | "used" | "left out";

export interface StepOutcome {
  /** The step's name; of an action, its repository. */
  readonly name: string;
  readonly step: Step;
  readonly result: Result;
  readonly output: string;
}

export const nameOf = ({ name, uses = "" }: Step) => name ?? (uses.split("@")[0] as string);

const known = new Set(["name", "if", "env", "run", "uses", "with"]);

/**
 * Runs the steps of a job in order, as GitHub's runner does: each in a `bash` of its own that ends at the first error, with
 * the variables of workflow, job and step, and on its condition. Actions are not run.
 *
 * @param machine variables that the runner's machine would have
 * @param leaveOut names of steps that are not run, as if somebody had forgotten them
 */
export async function runJob(
  workflow: Workflow,
  job: Job,
  machine: Readonly<Record<string, string>>,
  leaveOut: readonly string[] = [],
): Promise<StepOutcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "pipectl-workflow-"));
  const outcomes: StepOutcome[] = [];
  try {
    for (const [i, step] of job.steps.entries()) {
      const failed = outcomes.some(({ result }) => result === "failure");
      const outcome = (result: Result, output = "") =>
        outcomes.push({ name: nameOf(step), step, result, output });
      for (const key of Object.keys(step)) if (!known.has(key)) throw new Error(`no test knows '${key}'`);
      if (!holds(step.if, failed)) outcome("skipped");
      else if (step.name !== undefined && leaveOut.includes(step.name)) outcome("left out");
      else if (step.run === undefined) outcome("used");
      else {
        if (step.run.includes("${{")) throw new Error(`no test can fill in this line: ${step.run}`);
        const script = join(folder, `${i}.sh`);
        await writeFile(script, step.run);
        const { exitCode, all } = await execa("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
          cwd: projectRoot,
          env: { ...machine, ...texts(workflow.env), ...texts(job.env), ...texts(step.env) },
          reject: false,
          all: true,
          stdin: "ignore",
        });
        outcome(exitCode === 0 ? "success" : "failure", all);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return outcomes;
}

const texts = (environment: Environment = {}) =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));

/** @throws Error for a condition that the examples have no need of */
export function holds(condition: string | undefined, failed: boolean): boolean {
  const bare = /^\$\{\{ (.*) \}\}$/.exec(condition ?? "success()")?.[1] ?? condition ?? "success()";
  switch (bare) {
    case "success()":
      return !failed;
    case "failure()":
      return failed;
    // Nobody cancels a job here.
    case "always()":
    case "!cancelled()":
      return true;
    default:
      throw new Error(`no test knows the condition '${bare}'`);
  }
}
