import { parseColumnType } from "../../dataset/column-type.js";
import { type QualityRule, ruleName } from "../../dataset/quality.js";
import type { Dataset } from "../../dataset/types.js";
import { silverColumns } from "../../lake/silver-columns.js";

/** The part of dbt's table description that comes from the dataset's rules. */
export interface TableRules {
  readonly table: Readonly<Record<string, unknown>>;
  readonly columns: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Quality rules in dbt's form: dbt's own tests where it has the same one, the freshness of the source, and for the rest
 * `meta`, which dbt keeps without using it.
 */
export function rulesForDbt(dataset: Dataset): TableRules {
  const tests = new Map<string, unknown[]>();
  const others: QualityRule[] = [];
  let fresh: Record<string, unknown> | undefined;
  for (const rule of dataset.quality) {
    const test = testOf(dataset, rule);
    // A source has only one freshness.
    if (rule.rule === "freshness" && rule.where === undefined && fresh === undefined)
      fresh = freshnessOf(dataset, rule);
    else if (test === undefined) others.push(rule);
    else tests.set(test.column, [...(tests.get(test.column) ?? []), test.test]);
  }
  const named = others.map((rule) => ({ name: ruleName(rule), ...rule }));
  return {
    table: { ...fresh, ...(named.length === 0 ? {} : { meta: { pipectl_quality: named } }) },
    columns: Object.fromEntries([...tests].map(([column, list]) => [column, { data_tests: list }])),
  };
}

/** Undefined for a rule that dbt has no test for. */
function testOf(dataset: Dataset, rule: QualityRule): { column: string; test: unknown } | undefined {
  const common = {
    name: `${dataset.name}_${ruleName(rule)}`,
    config: {
      severity: rule.on_fail === "fail" ? "error" : "warn",
      ...(rule.where === undefined ? {} : { where: rule.where }),
    },
  };
  if (rule.rule === "not_null") return { column: rule.column, test: { not_null: common } };
  const [column, another] = rule.rule === "unique" ? rule.columns : [];
  if (column !== undefined && another === undefined) return { column, test: { unique: common } };
  if (rule.rule !== "accepted_values") return undefined;
  return {
    column: rule.column,
    test: {
      // dbt 1.10.5 and newer warn of arguments that stand beside the test's own keys.
      accepted_values: { arguments: valuesOf(rule.values, kindOf(dataset, rule.column)), ...common },
    },
  };
}

/** dbt quotes every value unless `quote` is false. */
function valuesOf(values: readonly (string | number | boolean)[], kind: string | undefined) {
  if (kind === "date" || kind === "timestamp")
    return { values: values.map((value) => `${kind} '${value}'`), quote: false };
  return kind === "string"
    ? { values: values.map((value) => String(value).replaceAll("'", "''")) }
    : { values, quote: false };
}

function freshnessOf(
  dataset: Dataset,
  { column, within, on_fail }: Extract<QualityRule, { rule: "freshness" }>,
) {
  const unit = within.slice(-1);
  const count = Number(within.slice(0, -1));
  const periods: Readonly<Record<string, string>> = { m: "minute", h: "hour", d: "day" };
  // dbt has no unit for seconds.
  const limit =
    unit === "s" ? { count: Math.ceil(count / 60), period: "minute" } : { count, period: periods[unit] };
  return {
    loaded_at_field: kindOf(dataset, column) === "date" ? `CAST(${column} AS TIMESTAMP)` : column,
    freshness: { [on_fail === "fail" ? "error_after" : "warn_after"]: limit },
  };
}

const kindOf = (dataset: Dataset, name: string) =>
  parseColumnType(silverColumns(dataset).find((column) => column.name === name)?.type ?? "")?.kind;
