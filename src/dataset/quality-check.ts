import { type ColumnType, parseColumnType } from "./column-type.js";
import type { Problem } from "./manifest-file.js";
import { type QualityRule, ruleName } from "./quality.js";

/** A column of silver, under its name there. */
export interface SilverField {
  readonly name: string;
  /** Flink SQL, as a manifest writes it. */
  readonly type: string;
  /** True for the MD5 of the natural key. */
  readonly isId?: boolean;
}

/** Checks that the schema of `quality:` cannot make: unknown columns, values that the column's type cannot have, duplicate names. */
export function qualityProblems(rules: readonly QualityRule[], columns: readonly SilverField[]): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, number>();
  rules.forEach((rule, index) => {
    const name = ruleName(rule);
    const report = (key: string, message: string) =>
      problems.push({ path: ["quality", index, key], message });
    const earlier = taken.get(name);
    if (earlier !== undefined)
      report("rule", `${name} is also the name of quality[${earlier}]: give it a \`name\` of its own`);
    taken.set(name, index);
    if (rule.rule === "unique") checkColumns(rule.columns, columns, report);
    else if ("column" in rule) checkColumn(rule, columns, report);
    if (rule.on_fail === "quarantine") checkQuarantine(rule, columns, report);
  });
  return problems;
}

type Report = (key: string, message: string) => void;

const missing = (name: string) => `silver has no column ${name}`;

function checkColumns(names: readonly string[], columns: readonly SilverField[], report: Report): void {
  for (const name of names)
    if (!columns.some((column) => column.name === name)) report("columns", missing(name));
  if (new Set(names).size < names.length) report("columns", "names a column twice");
}

function checkColumn(
  rule: Extract<QualityRule, { column: string }>,
  columns: readonly SilverField[],
  report: Report,
): void {
  const column = columns.find(({ name }) => name === rule.column);
  // A wrong or unknown type is reported by the manifest's own check, or by Flink.
  const type = column === undefined ? undefined : parseColumnType(column.type);
  if (column === undefined) report("column", missing(rule.column));
  if (column === undefined || type === undefined) return;
  const kinds = kindsFor[rule.rule];
  if (kinds !== undefined && !kinds.includes(type.kind)) {
    const known = kinds.map((kind) => (kind === "string" ? "STRING" : kind)).join(", ");
    report("column", `${column.name} is ${column.type}: ${rule.rule} is for ${known}`);
    return;
  }
  for (const [key, value] of valuesOf(rule)) {
    if (!isOf(type, value))
      report(key, `${JSON.stringify(value)} is no ${column.type}${formOf[type.kind] ?? ""}`);
  }
  if (rule.rule === "range") checkBounds(rule, report);
}

/** A quarantine judges rows of bronze, which do not have silver's column names yet. */
function checkQuarantine(rule: QualityRule, columns: readonly SilverField[], report: Report): void {
  if (rule.where !== undefined)
    report(
      "where",
      "names silver's columns, and quarantine judges rows of bronze: write it all as a filter (filters: of silver)",
    );
  if ("column" in rule && columns.some(({ name, isId }) => isId && name === rule.column))
    report("column", `${rule.column} is made of the natural key: no row can be kept out of silver for it`);
}

/** Kinds of columns that a rule can judge; undefined for any. */
const kindsFor: Partial<Record<QualityRule["rule"], readonly ColumnType["kind"][]>> = {
  range: ["integer", "float", "decimal", "date", "timestamp"],
  accepted_values: ["integer", "float", "decimal", "string", "boolean", "date", "timestamp"],
  pattern: ["string"],
  freshness: ["date", "timestamp", "timestamp_ltz"],
};

const formOf: Partial<Record<ColumnType["kind"], string>> = {
  date: ", as '2019-01-31'",
  timestamp: ", as '2019-01-31 12:00:00'",
};

/** The values that a rule compares the column with, and their keys. */
function valuesOf(rule: QualityRule): [key: string, value: unknown][] {
  if (rule.rule === "accepted_values") return rule.values.map((value) => ["values", value]);
  if (rule.rule !== "range") return [];
  return Object.entries({ min: rule.min, max: rule.max }).filter(([, value]) => value !== undefined);
}

function checkBounds({ min, max }: Extract<QualityRule, { rule: "range" }>, report: Report): void {
  if (min === undefined && max === undefined) report("rule", "range needs min, max or both");
  // Dates and times sort like their texts.
  if (min !== undefined && max !== undefined && typeof min === typeof max && min > max)
    report("min", `${min} is above max, which is ${max}`);
}

/** True when the value can be written as a literal of the column's type. */
function isOf({ kind, max, precision = 0, scale = 0 }: ColumnType, value: unknown): boolean {
  switch (kind) {
    case "integer":
      return Number.isSafeInteger(value) && Math.abs(Number(value)) <= Number(max);
    case "float":
      return Number.isFinite(value);
    case "decimal": {
      // Flink would round a value that does not fit, and compare with another number.
      const [, whole = "", behind = ""] = /^-?(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
      return (
        whole !== "" && behind.length <= scale && (whole === "0" ? 0 : whole.length) <= precision - scale
      );
    }
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "date":
      return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && isDay(value);
    case "timestamp":
      return typeof value === "string" && isTime(value);
    default:
      return false;
  }
}

function isTime(text: string): boolean {
  const [, day, hour] = /^(\d{4}-\d\d-\d\d) (\d\d):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/.exec(text) ?? [];
  return day !== undefined && isDay(day) && Number(hour) < 24;
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
