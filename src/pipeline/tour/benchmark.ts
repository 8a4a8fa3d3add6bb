import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { requireManaged } from "../../runtime/runtime.js";
import type { Workspace } from "../../workspace/workspace.js";
import { processBatch, requireBatchMode } from "../batch/process.js";
import { checkLag } from "../lag/lag.js";
import { up } from "../stack/stack.js";
import { generate } from "../topic/generate.js";
import { createTopics } from "../topic/topics.js";
import { validate } from "../validate/validate.js";

export interface BenchmarkStep {
  readonly step: string;
  readonly seconds: number;
  /** Records that the step processed; null for a step without records. */
  readonly records: number | null;
}

export interface BenchmarkResult {
  readonly startedAt: string;
  readonly machine: { readonly cpus: number; readonly memoryBytes: number; readonly node: string };
  readonly steps: readonly BenchmarkStep[];
  /** The file with these figures. */
  readonly file: string;
}

/** Runs every stage once on the user's own stack, and measures each. The records stay in the tables. */
export async function benchmark(workspace: Workspace, count: number): Promise<BenchmarkResult> {
  requireManaged(workspace.runtime, "sends no synthetic records to them");
  requireBatchMode(workspace);
  const startedAt = new Date().toISOString();
  const steps: BenchmarkStep[] = [];
  const measure = async (step: string, records: number | null, action: () => Promise<unknown>) => {
    workspace.report({ type: "step", text: `Measuring: ${step}` });
    const start = performance.now();
    await action();
    steps.push({ step, seconds: Math.round(performance.now() - start) / 1000, records });
  };
  await measure("up", null, () => up(workspace));
  await createTopics(workspace);
  await processBatch(workspace, { bronze: true, silver: true, marts: false });
  await measure("generate", count, () =>
    generate(workspace, { files: [], count, seed: Date.now() % 1_000_000, malformed: 0.01, duplicates: 0 }),
  );
  await measure("process-bronze", count, () =>
    processBatch(workspace, { bronze: true, silver: false, marts: false }),
  );
  await measure("process-silver", count, () =>
    processBatch(workspace, { bronze: false, silver: true, marts: false }),
  );
  await measure("process, nothing new", null, () =>
    processBatch(workspace, { bronze: true, silver: true, marts: false }),
  );
  await measure("validate", null, () => validate(workspace, { deep: false }));
  await measure("check-lag", null, () => checkLag(workspace));

  const folder = join(workspace.config.stateDir, "benchmarks");
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${startedAt.replace(/[:.]/g, "-")}.json`);
  const machine = { cpus: cpus().length, memoryBytes: totalmem(), node: process.version };
  const result = { startedAt, machine, steps, file };
  await writeFile(file, JSON.stringify(result, undefined, 2));
  return result;
}
