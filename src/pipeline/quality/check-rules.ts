import { failed, PipectlError } from "../../core/errors.js";
import { count, plural } from "../../core/format.js";
import { type QualityRule, ruleName } from "../../dataset/quality.js";
import { query } from "../query.js";
import { asOf, readFrom } from "../read-options.js";
import { silverColumns } from "../tables.js";
import { type Stage, type StageStatus, worst } from "../validate/result.js";
import type { Workspace } from "../workspace.js";
import { countsOf, countsSql } from "./counts-sql.js";
import { mostSamples, samplesSql } from "./samples-sql.js";

/** What became of one rule of the manifest. */
export interface RuleOutcome {
  readonly name: string;
  readonly rule: QualityRule["rule"];
  /** Rows that fail it; of `freshness`, 1 when the newest value is too old. */
  readonly failed: number;
  /** Rows that it is about. */
  readonly checked: number;
  readonly status: StageStatus;
  /** Some rows that fail it: the columns that it is about, as text. */
  readonly samples: readonly Readonly<Record<string, string | null>>[];
}

/**
 * Judges silver, as it is now, by the rules of the manifest: one job for all of them, and one more for samples where any
 * failed. None where there are no rules, or no silver.
 */
export async function checkRules(workspace: Workspace): Promise<RuleOutcome[]> {
  const { dataset, catalog } = workspace;
  const rules = dataset.quality;
  const table = rules.length === 0 ? undefined : await catalog.table(dataset.tables.silver);
  if (table === undefined) return [];
  const columns = silverColumns(dataset);
  // A stream may append to it meanwhile.
  const from = readFrom(table.id, table.current === undefined ? {} : asOf(table.current.id));
  const sql = countsSql(rules, columns, from, new Date());
  const counts = countsOf(rules, await rowsOf(workspace, sql, rules.length + 1));
  const broken = counts.flatMap((one, i) => (one.failed > 0 ? [i] : []));
  const samples = new Map<number, RuleOutcome["samples"][number][]>();
  if (broken.length > 0) {
    const rows = samplesSql(rules, broken, columns, from, dataset.silver.id);
    for (const [rule, text] of await rowsOf(workspace, rows, broken.length * mostSamples))
      samples.set(Number(rule), [...(samples.get(Number(rule)) ?? []), JSON.parse(String(text))]);
  }
  return rules.map((rule, i) => ({
    ...{ name: ruleName(rule), rule: rule.rule, failed: 0, checked: 0, ...counts[i] },
    status: broken.includes(i) ? rule.on_fail : "pass",
    samples: samples.get(i) ?? [],
  }));
}

/** What Flink refuses here stands in the manifest. */
async function rowsOf(workspace: Workspace, sql: string, limit: number) {
  try {
    return (await query(workspace, sql, limit)).rows;
  } catch (error) {
    if (!(error instanceof PipectlError) || error.code !== "query_failed") throw error;
    throw failed("rules_failed", `the rules of the dataset cannot be judged: ${error.message}`, {
      hint: `mend quality: in ${workspace.dataset.path}`,
      cause: error,
    });
  }
}

/** The rules' part of stage 5; without a word where there are none. Pure. */
export function rulesVerdict(outcomes: readonly RuleOutcome[]): Pick<Stage, "status" | "detail" | "hint"> {
  const broken = outcomes.filter(({ status }) => status !== "pass");
  if (broken.length === 0) {
    const detail = outcomes.length === 0 ? "" : `${plural(outcomes.length, "rule")} of the dataset hold`;
    return { status: "pass", detail };
  }
  const names = broken.map(({ name, rule, failed, checked }) =>
    rule === "freshness" ? `${name} is too old` : `${name} by ${count(failed)} of ${plural(checked, "row")}`,
  );
  return {
    status: worst(broken.map(({ status }) => status)),
    detail: `${broken.length} of ${plural(outcomes.length, "rule")} of the dataset broken: ${names.join(", ")}`,
    hint: "pipectl validate --deep --json has samples; the rules stand in the dataset's manifest (quality:)",
  };
}
