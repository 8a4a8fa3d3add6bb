import { stringify } from "yaml";
import type { Dataset, TableName } from "../../dataset/types.js";
import type { NewTable } from "../../iceberg/catalog.js";
import { textOf } from "../../iceberg/evolve.js";
import { tableDefinitions } from "../../lake/definitions.js";
import type { Mart } from "../marts/mart.js";
import { rulesForDbt, type TableRules } from "./rule-tests.js";

/**
 * A dbt file (version 2) with the dataset's tables as sources, one source per namespace, with what the manifest says about
 * them. Types are Iceberg's. The columns of a mart are unknown without Flink. Pure.
 */
export function dbtSources(dataset: Dataset, marts: readonly Mart[]): string {
  const { bronze, dlq, silver } = dataset.tables;
  const definitions = tableDefinitions(dataset);
  const landed = { table: { loaded_at_field: "ingestion_ts" }, columns: {} };
  const tables: readonly (readonly [TableName, Readonly<Record<string, unknown>>])[] = [
    [bronze, tableOf(bronze, "Records as sent", definitions.bronze, landed)],
    [dlq, tableOf(dlq, "Dead letters: records that are not in bronze", definitions.dlq, landed)],
    [silver, tableOf(silver, "One row for each event", definitions.silver, rulesForDbt(dataset))],
    ...marts.map(({ table, description }) => [table, { name: table.table, ...said(description) }] as const),
  ];
  const namespaces = [...new Set(tables.map(([{ namespace }]) => namespace))];
  const sources = namespaces.map((namespace) => ({
    name: namespace,
    schema: namespace,
    tables: tables.filter(([table]) => table.namespace === namespace).map(([, entry]) => entry),
  }));
  const head = ` Made by: pipectl dataset export dbt, from the manifest of ${dataset.name}. Change the manifest instead.\n`;
  return `#${head}${stringify(withoutTemplates({ version: 2, sources }), { lineWidth: 0 })}`;
}

function tableOf(table: TableName, description: string, { fields }: NewTable, rules: TableRules) {
  return {
    name: table.table,
    description,
    ...rules.table,
    columns: fields.map(({ name, type, doc }) => ({
      name,
      // dbt does not quote a name unless `quote` is true.
      ...(/^[A-Za-z_]\w*$/.test(name) ? {} : { quote: true }),
      data_type: textOf(type),
      ...said(doc ?? ""),
      ...rules.columns[name],
    })),
  };
}

const said = (description: string) => (description === "" ? {} : { description });

/** dbt renders texts as templates. The beginning of a template in a text is replaced by an expression that prints it. */
function withoutTemplates(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\{[{%#]/g, (begin) => `{{ '${begin}' }}`);
  if (Array.isArray(value)) return value.map(withoutTemplates);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutTemplates(one)]));
}
