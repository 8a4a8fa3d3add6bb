import { literal, quoted } from "../core/sql-quotes.js";
import { parseColumnType } from "./column-type.js";
import { milliseconds } from "./duration.js";
import type { QualityRule } from "./quality.js";
import type { SilverField } from "./quality-check.js";

/** Rules that can be judged row by row. */
export type RowRule = Exclude<QualityRule, { rule: "unique" | "freshness" }>;

export const isRowRule = (rule: QualityRule): rule is RowRule =>
  rule.rule !== "unique" && rule.rule !== "freshness";

type Columns = readonly Pick<SilverField, "name" | "type">[];

/** A condition that is true for the rows that the rule applies to. */
export const judged = ({ where }: QualityRule): string =>
  where === undefined ? "TRUE" : `(${where}) IS TRUE`;

/**
 * A condition that is true for rows that break the rule, and never NULL.
 *
 * @param sqlOf the SQL of a silver column in the judged rows; by default its quoted name
 */
export function failing(rule: RowRule, columns: Columns, sqlOf: (column: string) => string = quoted): string {
  if (rule.rule === "expression") return `(${rule.sql}) ${rule.allow_null ? "IS FALSE" : "IS NOT TRUE"}`;
  const column = sqlOf(rule.column);
  const type = typeOf(rule.column, columns);
  switch (rule.rule) {
    case "not_null":
      return `${column} IS NULL`;
    case "range": {
      const bounds = [
        ...(rule.min === undefined ? [] : [`${column} >= ${constant(rule.min, type)}`]),
        ...(rule.max === undefined ? [] : [`${column} <= ${constant(rule.max, type)}`]),
      ];
      return `(${bounds.join(" AND ")}) IS FALSE`;
    }
    case "accepted_values":
      return `(${column} IN (${rule.values.map((value) => constant(value, type)).join(", ")})) IS FALSE`;
    case "pattern":
      return `(REGEXP(${column}, ${literal(rule.regex)})) IS FALSE`;
  }
}

/** The oldest permitted value for the newest row. A TIMESTAMP has no zone and is taken as UTC, as everywhere. */
export function freshFrom(
  { column, within }: Extract<QualityRule, { rule: "freshness" }>,
  columns: Columns,
  now: Date,
): string {
  const at = new Date(now.getTime() - milliseconds(within)).toISOString();
  const type = typeOf(column, columns);
  return constant(type === "DATE" ? at.slice(0, 10) : at.slice(0, 19).replace("T", " "), type);
}

const typeOf = (name: string, columns: Columns): string =>
  columns.find((column) => column.name === name)?.type ?? "STRING";

/** A literal of the column's own type. With another type Flink would convert one of the two sides. */
function constant(value: string | number | boolean, type: string): string {
  const kind = parseColumnType(type)?.kind;
  if (kind === "date") return `DATE ${literal(String(value))}`;
  // Sessions are in UTC, and so is the text.
  if (kind === "timestamp_ltz") return `CAST(TIMESTAMP ${literal(String(value))} AS ${type})`;
  if (kind === "timestamp") return `TIMESTAMP ${literal(String(value))}`;
  if (typeof value === "string") return literal(value);
  return kind === "boolean" ? String(value).toUpperCase() : `CAST(${literal(String(value))} AS ${type})`;
}
