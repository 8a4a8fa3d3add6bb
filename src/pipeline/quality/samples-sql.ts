import { literal, quoted } from "../../core/sql-quotes.js";
import type { QualityRule } from "../../dataset/quality.js";
import { failing, isRowRule, judged } from "../../dataset/quality-conditions.js";
import { isQuarantine } from "../../dataset/quarantine.js";
import type { SilverColumn } from "../../lake/silver-columns.js";
import { uniqueRows } from "./counts-sql.js";
import { type Judged, placeAsText } from "./judged-rows.js";

/** Per rule. */
export const mostSamples = 3;
/** Per value. */
const mostCharacters = 200;

/**
 * One statement that returns some rows that break each of these rules: the rule's index in the list, and a JSON object of the
 * rule's columns, as text.
 *
 * @param failed indexes of the broken rules
 * @param id silver's id, to find a row again
 */
export function samplesSql(
  rules: readonly QualityRule[],
  failed: readonly number[],
  columns: readonly SilverColumn[],
  rows: Judged,
  id: string,
): string {
  return failed
    .map((index) => `(${sampleSql(rules[index] as QualityRule, index, columns, rows, id)})`)
    .join("\nUNION ALL\n");
}

function sampleSql(
  rule: QualityRule,
  index: number,
  columns: readonly SilverColumn[],
  { silver: from, bronze }: Judged,
  id: string,
): string {
  if (isQuarantine(rule)) {
    const object = objectOf([...placeAsText, asText(rule.column)]);
    return `SELECT ${index} AS rule, ${object} AS sample FROM ${bronze} WHERE ${failing(rule, columns)} LIMIT ${mostSamples}`;
  }
  if (rule.rule === "unique") {
    const keys = rule.columns.map(quoted).join(", ");
    const same = `SELECT ${keys}, COUNT(*) AS pipectl_rows FROM ${from} WHERE ${uniqueRows(rule)} GROUP BY ${keys} HAVING COUNT(*) > 1`;
    const object = objectOf([...rule.columns.map(asText), ["pipectl_rows", "CAST(pipectl_rows AS STRING)"]]);
    return `SELECT ${index} AS rule, ${object} AS sample FROM (${same}) LIMIT ${mostSamples}`;
  }
  if (!isRowRule(rule)) {
    const newest = `SELECT MAX(${quoted(rule.column)}) AS ${quoted(rule.column)} FROM ${from} WHERE ${judged(rule)}`;
    return `SELECT ${index} AS rule, ${objectOf([asText(rule.column)])} AS sample FROM (${newest})`;
  }
  const about = rule.rule === "expression" ? namedIn(rule.sql, columns) : [rule.column];
  const shown = [...new Set([id, ...about])].map(asText);
  return `SELECT ${index} AS rule, ${objectOf(shown)} AS sample FROM ${from} WHERE ${judged(rule)} AND ${failing(rule, columns)} LIMIT ${mostSamples}`;
}

/** Columns of silver that an expression names. A name within a literal also matches; that column is then shown needlessly. */
function namedIn(sql: string, columns: readonly SilverColumn[]): string[] {
  const words = new Set((sql.match(/\w+/g) ?? []).map((word) => word.toLowerCase()));
  return columns.map(({ name }) => name).filter((name) => words.has(name));
}

const asText = (column: string): [string, string] => [
  column,
  `LEFT(CAST(${quoted(column)} AS STRING), ${mostCharacters})`,
];

const objectOf = (entries: readonly (readonly [name: string, value: string])[]): string =>
  `JSON_OBJECT(${entries.map(([name, value]) => `KEY ${literal(name)} VALUE ${value}`).join(", ")} NULL ON NULL)`;
