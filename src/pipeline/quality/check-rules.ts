import { failed, PipectlError } from "../../core/errors.js";
import type { StageStatus } from "../../core/verdict.js";
import { type QualityRule, ruleName } from "../../dataset/quality.js";
import { isQuarantine } from "../../dataset/quarantine.js";
import { query } from "../../execution/query.js";
import { silverColumns } from "../../lake/silver-columns.js";
import type { Workspace } from "../../workspace/workspace.js";
import { countsOf, countsSql } from "./counts-sql.js";
import { type Judged, rowsAsOfNow } from "./judged-rows.js";
import { mostSamples, samplesSql } from "./samples-sql.js";

/** The outcome of one rule of the manifest. */
export interface RuleOutcome {
  readonly name: string;
  readonly rule: QualityRule["rule"];
  /** Rows that break it; for `freshness`, 1 when the newest value is too old. */
  readonly failed: number;
  /** Rows that it applies to: rows of silver, or, for a quarantine rule, rows of bronze that pass the filters. */
  readonly checked: number;
  readonly status: StageStatus;
  /** Rows of bronze that it keeps out of silver; undefined for other rules. */
  readonly quarantined?: number;
  /** Some rows that break it: the rule's columns, as text. */
  readonly samples: readonly Readonly<Record<string, string | null>>[];
}

/** Judges current silver by the rules of the manifest. Empty without rules, or without silver. */
export async function checkRules(workspace: Workspace): Promise<RuleOutcome[]> {
  const { quality } = workspace.dataset;
  const rows = quality.length === 0 ? undefined : await rowsAsOfNow(workspace);
  return rows === undefined ? [] : await judgeRules(workspace, quality, rows);
}

/** One job for all rules, and a second for samples if any rule is broken. */
export async function judgeRules(
  workspace: Workspace,
  rules: readonly QualityRule[],
  rows: Judged,
): Promise<RuleOutcome[]> {
  const { dataset } = workspace;
  const columns = silverColumns(dataset);
  const sql = countsSql(rules, columns, rows, new Date());
  const counts = countsOf(rules, await rowsOf(workspace, sql, rules.length + 2));
  const broken = counts.flatMap((one, i) => (one.failed > 0 ? [i] : []));
  const samples = new Map<number, RuleOutcome["samples"][number][]>();
  if (broken.length > 0) {
    const sampled = samplesSql(rules, broken, columns, rows, dataset.silver.id);
    for (const [rule, text] of await rowsOf(workspace, sampled, broken.length * mostSamples))
      samples.set(Number(rule), [...(samples.get(Number(rule)) ?? []), JSON.parse(String(text))]);
  }
  return rules.map((rule, i) => ({
    ...{ name: ruleName(rule), rule: rule.rule, failed: 0, checked: 0, ...counts[i] },
    ...(isQuarantine(rule) ? { quarantined: counts[i]?.failed ?? 0 } : {}),
    status: broken.includes(i) ? statusOf(rule) : "pass",
    samples: samples.get(i) ?? [],
  }));
}

const statusOf = ({ on_fail }: QualityRule) => (on_fail === "quarantine" ? "warn" : on_fail);

/** A query that Flink refuses here comes from a mistake in the manifest. */
async function rowsOf(workspace: Workspace, sql: string, limit: number) {
  try {
    return (await query(workspace, sql, limit)).rows;
  } catch (error) {
    if (!(error instanceof PipectlError) || error.code !== "query_failed") throw error;
    throw failed("rules_failed", `the rules of the dataset cannot be judged: ${error.message}`, {
      hint: `fix quality: in ${workspace.dataset.path}`,
      cause: error,
    });
  }
}
