import { quoted } from "../../core/sql-quotes.js";
import type { QualityRule } from "../../dataset/quality.js";
import { failing, freshFrom, isRowRule, judged } from "../../dataset/quality-conditions.js";
import { isQuarantine } from "../../dataset/quarantine.js";
import type { SilverColumn } from "../../lake/silver-columns.js";
import type { Judged } from "./judged-rows.js";

/** Rows that a rule applies to, and those of them that break it. */
export interface RuleCount {
  readonly checked: number;
  readonly failed: number;
}

/** Numbers of the result rows for the rules that can be judged row by row, over silver and over bronze. */
const [ofSilver, ofBronze] = [-1, -2];

/**
 * One statement that counts for all rules, so that it is one job. It returns a row for the rules judged row by row, one for
 * the quarantine rules over bronze, and one for each `unique`. Each row has, as one text, the `checked` and `failed` counts of
 * its rules in turn.
 */
export function countsSql(
  rules: readonly QualityRule[],
  columns: readonly SilverColumn[],
  { silver, bronze }: Judged,
  now: Date,
): string {
  const numbersOf = (rule: QualityRule) => [
    `COUNT(*) FILTER (WHERE ${judged(rule)})`,
    isRowRule(rule)
      ? `COUNT(*) FILTER (WHERE ${judged(rule)} AND ${failing(rule, columns)})`
      : isStale(rule as Freshness, columns, now),
  ];
  const looks = [
    [ofSilver, silver],
    [ofBronze, bronze],
  ] as const;
  return [
    ...looks.flatMap(([look, from]) => {
      const numbers = rules.filter((rule) => lookOf(rule) === look).flatMap(numbersOf);
      return numbers.length === 0
        ? []
        : [`SELECT ${look} AS rule, ${asText(numbers)} AS numbers FROM ${from}`];
    }),
    ...rules.flatMap((rule, i) => (rule.rule === "unique" ? [uniqueSql(rule, i, silver)] : [])),
  ].join("\nUNION ALL\n");
}

/** The result row that has the rule's counts; undefined for a rule that has its own row. */
function lookOf(rule: QualityRule): number | undefined {
  if (rule.rule === "unique") return undefined;
  return isQuarantine(rule) ? ofBronze : ofSilver;
}

const asText = (numbers: readonly string[]) =>
  `CONCAT_WS(',', ${numbers.map((number) => `CAST(${number} AS STRING)`).join(", ")})`;

type Freshness = Extract<QualityRule, { rule: "freshness" }>;

/** 1 or 0. Without any value, it is stale. */
function isStale(rule: Freshness, columns: readonly SilverColumn[], now: Date): string {
  const newest = `MAX(${quoted(rule.column)}) FILTER (WHERE ${judged(rule)})`;
  return `CASE WHEN ${newest} >= ${freshFrom(rule, columns, now)} THEN 0 ELSE 1 END`;
}

type Unique = Extract<QualityRule, { rule: "unique" }>;

/** Rows in which none of the columns is NULL: as for SQL's own UNIQUE, NULLs are not equal. */
export const uniqueRows = (rule: Unique): string =>
  [judged(rule), ...rule.columns.map((column) => `${quoted(column)} IS NOT NULL`)].join(" AND ");

function uniqueSql(rule: Unique, index: number, from: string): string {
  const keys = rule.columns.map(quoted).join(", ");
  const numbers = ["COALESCE(SUM(n), 0)", "COALESCE(SUM(CASE WHEN n > 1 THEN n ELSE 0 END), 0)"];
  return `SELECT ${index} AS rule, ${asText(numbers)} AS numbers FROM (SELECT COUNT(*) AS n FROM ${from} WHERE ${uniqueRows(rule)} GROUP BY ${keys})`;
}

/** The counts of each rule, in the order of the rules, from the rows of that statement. Pure. */
export function countsOf(rules: readonly QualityRule[], rows: readonly (readonly unknown[])[]): RuleCount[] {
  const numbers = new Map(rows.map(([rule, text]) => [Number(rule), String(text).split(",").map(Number)]));
  const taken = new Map<number, number>();
  return rules.map((rule, i) => {
    const row = lookOf(rule) ?? i;
    const at = taken.get(row) ?? 0;
    taken.set(row, at + 2);
    const [checked, failed] = numbers.get(row)?.slice(at, at + 2) ?? [];
    if (checked === undefined || failed === undefined) throw new Error(`no numbers for rule ${i}`);
    return { checked, failed };
  });
}
