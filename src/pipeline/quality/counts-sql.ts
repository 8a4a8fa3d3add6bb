import { quoted } from "../../core/sql-quotes.js";
import type { QualityRule } from "../../dataset/quality.js";
import { failing, freshFrom, isRowRule, judged } from "../../dataset/quality-conditions.js";
import { isQuarantine } from "../../dataset/quarantine.js";
import type { SilverColumn } from "../../lake/silver-columns.js";
import type { Judged } from "./judged-rows.js";

/** Rows that a rule is about, and those of them that fail it. */
export interface RuleCount {
  readonly checked: number;
  readonly failed: number;
}

/** The row that tells of all rules which one look at each row of silver tells, and that of those over bronze. */
const [ofSilver, ofBronze] = [-1, -2];

/**
 * One statement that counts for all rules, so that it is one job: a row for the rules that one look at each row tells, one for
 * those that keep rows of bronze out of silver, and one for each `unique`. Each has the rules' numbers, `checked` and `failed`
 * in turn, as one text.
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

/** The row that has the rule's numbers; undefined for one of its own. */
function lookOf(rule: QualityRule): number | undefined {
  if (rule.rule === "unique") return undefined;
  return isQuarantine(rule) ? ofBronze : ofSilver;
}

const asText = (numbers: readonly string[]) =>
  `CONCAT_WS(',', ${numbers.map((number) => `CAST(${number} AS STRING)`).join(", ")})`;

type Freshness = Extract<QualityRule, { rule: "freshness" }>;

/** 1 or 0. Where there is no value, nothing is fresh. */
function isStale(rule: Freshness, columns: readonly SilverColumn[], now: Date): string {
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
