import type { ChalkInstance } from "chalk";
import { count } from "../core/format.js";
import type { Dataset } from "../dataset/types.js";
import type { DatasetEntry } from "../pipeline/dataset/datasets.js";
import type { ApplyResult } from "../pipeline/evolve/apply.js";
import type { DiffResult } from "../pipeline/evolve/diff.js";
import { table } from "./table.js";

export function datasetsView({ datasets }: { readonly datasets: readonly DatasetEntry[] }): string {
  const rows = datasets.map(({ name, current, topic, columns, description }) => [
    current ? `${name} *` : name,
    topic ?? "-",
    columns === null ? "-" : count(columns),
    description,
  ]);
  const problems = datasets.flatMap((one) => one.problems.map((problem) => `${one.name}: ${problem}`));
  return [
    table(
      [{ title: "DATASET" }, { title: "TOPIC" }, { title: "COLUMNS", right: true }, { title: "WHAT" }],
      rows,
    ),
    ...(problems.length === 0 ? [] : ["", ...problems]),
    ...(datasets.some(({ current }) => current) ? ["", "* DATASET"] : []),
  ].join("\n");
}

export function datasetView(dataset: Dataset): string {
  const { silver, tables } = dataset;
  const columns = dataset.columns.map(({ name, source, type, nullable, silver: inSilver, description }) => [
    name === source ? name : `${name} (sent as ${source})`,
    nullable ? type : `${type} NOT NULL`,
    inSilver ?? "-",
    description,
  ]);
  const computed = [silver.partitionBy, ...silver.derived].map(({ name, type, expr }) => [
    "",
    type,
    name,
    `= ${expr}`,
  ]);
  return [
    `${dataset.name}: ${dataset.description}`,
    `  manifest      ${dataset.path}`,
    `  topic         ${dataset.topic}, ${dataset.partitions} partitions, ${dataset.retention}`,
    `  tables        ${tables.bronze.qualified}, ${tables.dlq.qualified}, ${tables.silver.qualified}`,
    `  message key   ${dataset.messageKey.join(", ") || "none"}`,
    `  event time    ${dataset.eventTime ?? "none"}`,
    `  natural key   ${silver.naturalKey.join(", ")} (${silver.id}); wins: ${silver.wins}`,
    ...silver.filters.filter((filter) => filter !== "TRUE").map((filter) => `  filter        ${filter}`),
    "",
    table(
      [{ title: "BRONZE" }, { title: "TYPE" }, { title: "SILVER" }, { title: "WHAT" }],
      [...columns, ...computed],
    ),
  ].join("\n");
}

export function diffView({ dataset, tables, silverAnew }: DiffResult, chalk: ChalkInstance): string {
  const lines = tables.flatMap(({ table: name, exists, changes, layout, refusals }) => [
    ...(exists ? [] : [`${name}: not there yet; process creates it`]),
    ...changes.map(({ column, change, from, to }) => {
      const detail = ["widened", "renamed"].includes(change)
        ? `${from} -> ${to}`
        : change === "added"
          ? (to ?? "")
          : "";
      return `${chalk.green(name)}  ${column}  ${change}${detail === "" ? "" : `: ${detail}`}`;
    }),
    ...layout.map(({ what, is, expected }) => `${chalk.green(name)}  ${what}  ${is} -> ${expected}`),
    ...refusals.flatMap(({ column, why, instead }) => [
      `${chalk.red(name)}  ${column}  refused: ${why}`,
      `  instead: ${instead}`,
    ]),
  ]);
  if (lines.length === 0) lines.push(`the tables of ${dataset} are as its manifest describes them`);
  if (silverAnew)
    lines.push("silver: other rules than those it was made by: the next run makes all of it anew");
  return lines.join("\n");
}

export function applyView(result: ApplyResult, chalk: ChalkInstance): string {
  return [
    diffView(result, chalk),
    ...(result.backfill === null
      ? []
      : [
          `${count(result.backfill.rows)} old rows have got values, ${count(result.backfill.unfit)} have values that do not fit`,
        ]),
    ...(result.applied
      ? [`applied in ${result.seconds} s${result.backfill === null ? ", no file rewritten" : ""}`]
      : []),
    ...result.rewritten.map((file) => `${file} has the names of now`),
    ...result.restarted.map(({ kind, id }) => `${kind}: job ${id} goes on with the new columns`),
  ].join("\n");
}
