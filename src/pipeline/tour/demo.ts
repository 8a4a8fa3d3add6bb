import { query } from "../../execution/query.js";
import { requireManaged } from "../../runtime/runtime.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type ProcessResult, processBatch, requireBatchMode } from "../batch/process.js";
import { up } from "../stack/stack.js";
import { generate, type Ledger } from "../topic/generate.js";
import { createTopics } from "../topic/topics.js";
import type { ValidateResult } from "../validate/result.js";
import { validate } from "../validate/validate.js";

export interface DemoResult {
  readonly ledger: Ledger;
  readonly process: ProcessResult;
  readonly validation: ValidateResult;
  /** Rows of silver by hour of the event time, including hours without rows. */
  readonly byHour: readonly { readonly hour: number; readonly rows: number }[];
  readonly tables: { readonly silver: string; readonly dlq: string };
  readonly dashboard: string;
  readonly seconds: number;
}

/**
 * The whole pipeline from an empty stack to the validation, with synthetic records, some of them malformed and some sent
 * twice.
 */
export async function demo(workspace: Workspace): Promise<DemoResult> {
  requireManaged(workspace.runtime, "sends no synthetic records to them");
  requireBatchMode(workspace);
  const start = performance.now();
  const { report, dataset, runtime } = workspace;
  await up(workspace);
  report({ type: "step", text: `Topic ${dataset.topic}` });
  await createTopics(workspace);
  report({ type: "step", text: "Sending 10,000 records, 1 % malformed and 2 % twice" });
  const ledger = await generate(workspace, {
    files: [],
    count: 10_000,
    seed: 1,
    malformed: 0.01,
    duplicates: 0.02,
  });
  const processed = await processBatch(workspace, { bronze: true, silver: true, marts: true });
  report({ type: "step", text: "Validating" });
  const validation = await validate(workspace, { deep: true });
  const { namespace, table } = dataset.tables.silver;
  const eventTime =
    dataset.columns.find(({ name }) => name === dataset.eventTime)?.silver ?? dataset.eventTime;
  const { rows } = await query(
    workspace,
    `SELECT EXTRACT(HOUR FROM \`${eventTime}\`), COUNT(*) FROM ${namespace}.${table} GROUP BY EXTRACT(HOUR FROM \`${eventTime}\`)`,
    24,
  );
  const counts = new Map(rows.map(([hour, n]) => [Number(hour), Number(n)]));
  return {
    ledger,
    process: processed,
    validation,
    byHour: Array.from({ length: 24 }, (_, hour) => ({ hour, rows: counts.get(hour) ?? 0 })),
    tables: { silver: dataset.tables.silver.qualified, dlq: dataset.tables.dlq.qualified },
    dashboard: runtime.endpoints.flink,
    seconds: Math.round(performance.now() - start) / 1000,
  };
}
