import { quoted } from "../core/sql-quotes.js";
import type { QualityRule } from "./quality.js";
import { failing, type RowRule } from "./quality-conditions.js";
import type { Dataset } from "./types.js";

/** True for a rule whose rows are kept out of silver. The schema allows this only for rules that can be judged row by row. */
export const isQuarantine = (rule: QualityRule): rule is QuarantineRule => rule.on_fail === "quarantine";

type QuarantineRule = Extract<RowRule, { column: string }> & { readonly on_fail: "quarantine" };

/**
 * The conditions of such rules, in SQL over bronze's columns. NULL passes where it passes the rule. The conditions are part of
 * `silver.filters`, so that everything that makes or compares silver applies them.
 */
export function quarantineFilters({ columns, silver, quality }: Parts): string[] {
  const computed = [silver.partitionBy, ...silver.derived];
  const fields = [
    ...columns.map(({ name, silver: silverName, type }) => ({ name: silverName, type, sql: quoted(name) })),
    // Judged by its value as silver stores it.
    ...computed.map(({ name, type, expr }) => ({ name, type, sql: `CAST(${expr} AS ${type})` })),
  ].flatMap(({ name, ...field }) => (name === null ? [] : [{ name, ...field }]));
  const sqlOf = (column: string) => fields.find(({ name }) => name === column)?.sql ?? quoted(column);
  return quality.filter(isQuarantine).map((rule) => `NOT (${failing(rule, fields, sqlOf)})`);
}

/** The filters written in the manifest itself. */
export function ownFilters(dataset: Parts): readonly string[] {
  const added = quarantineFilters(dataset);
  return dataset.silver.filters.filter((filter) => !added.includes(filter));
}

type Parts = Pick<Dataset, "columns" | "silver" | "quality">;
