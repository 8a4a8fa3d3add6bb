import type { QualityRule } from "../../dataset/quality.js";
import type { SilverColumn } from "../tables.js";
import { failing, freshFrom, isRowRule, judged, quoted } from "./conditions.js";

/** Rows that a rule is about, and those of them that fail it. */
export interface RuleCount {
  readonly checked: number;
  readonly failed: number;
}

/**
 * One statement that counts for all rules, so that it is one job: a row for the rules that one look at each row tells, and
 * one for each `unique`. Each has the rules' numbers, `checked` and `failed` in turn, as one text.
 *
 * @param from silver as it stands behind FROM
 */
export function countsSql(
  rules: readonly QualityRule[],
  columns: readonly SilverColumn[],
  from: string,
  now: Date,
): string {
  const together = rules.filter((rule) => rule.rule !== "unique");
  const numbers = together.flatMap((rule) => [
    `COUNT(*) FILTER (WHERE ${judged(rule)})`,
    isRowRule(rule)
      ? `COUNT(*) FILTER (WHERE ${judged(rule)} AND ${failing(rule, columns)})`
      : isStale(rule, columns, now),
  ]);
  return [
    ...(numbers.length === 0 ? [] : [`SELECT -1 AS rule, ${asText(numbers)} AS numbers FROM ${from}`]),
    ...rules.flatMap((rule, i) => (rule.rule === "unique" ? [uniqueSql(rule, i, from)] : [])),
  ].join("\nUNION ALL\n");
}

const asText = (numbers: readonly string[]) =>
  `CONCAT_WS(',', ${numbers.map((number) => `CAST(${number} AS STRING)`).join(", ")})`;

/** 1 or 0. Where there is no value, nothing is fresh. */
function isStale(
  rule: Extract<QualityRule, { rule: "freshness" }>,
  columns: readonly SilverColumn[],
  now: Date,
): string {
  const newest = `MAX(${quoted(rule.column)}) FILTER (WHERE ${judged(rule)})`;
  return `CASE WHEN ${newest} >= ${freshFrom(rule, columns, now)} THEN 0 ELSE 1 END`;
}

type Unique = Extract<QualityRule, { rule: "unique" }>;

/** Rows that have all of the columns: NULL is not the same as NULL, as for SQL's own UNIQUE. */
export const uniqueRows = (rule: Unique): string =>
  [judged(rule), ...rule.columns.map((column) => `${quoted(column)} IS NOT NULL`)].join(" AND ");

function uniqueSql(rule: Unique, index: number, from: string): string {
  const keys = rule.columns.map(quoted).join(", ");
  const numbers = ["COALESCE(SUM(n), 0)", "COALESCE(SUM(CASE WHEN n > 1 THEN n ELSE 0 END), 0)"];
  return `SELECT ${index} AS rule, ${asText(numbers)} AS numbers FROM (SELECT COUNT(*) AS n FROM ${from} WHERE ${uniqueRows(rule)} GROUP BY ${keys})`;
}

/** The numbers of each rule, in the order of the rules, from the rows of that statement. Pure. */
export function countsOf(rules: readonly QualityRule[], rows: readonly (readonly unknown[])[]): RuleCount[] {
  const numbers = new Map(rows.map(([rule, text]) => [Number(rule), String(text).split(",").map(Number)]));
  let at = 0;
  return rules.map((rule, i) => {
    const [list, from] = rule.rule === "unique" ? [numbers.get(i), 0] : [numbers.get(-1), 2 * at++];
    const [checked, failed] = [list?.[from], list?.[from + 1]];
    if (checked === undefined || failed === undefined) throw new Error(`no numbers for rule ${i}`);
    return { checked, failed };
  });
}
