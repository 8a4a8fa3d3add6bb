import { stringify } from "yaml";
import { plural } from "../../core/format.js";
import { quoted } from "../../core/sql-quotes.js";
import type { Plan, PlannedColumn } from "./plan.js";

/** The manifest of a planned dataset. It is complete, with the reason for each guess beside it. */
export function manifestText(plan: Plan): string {
  const { origin } = plan;
  return `${[
    "# yaml-language-server: $schema=./manifest.schema.json",
    ...comments("", [
      `Made by \`pipectl dataset infer\` from ${plural(plan.records, "record")}. Every guess has its reason beside it; please check them.`,
      ...plan.notes.map((note) => `Note: ${note}.`),
    ]),
    `name: ${scalar(origin.name)}`,
    `description: ${scalar(`inferred from ${origin.from} on ${origin.day}`)}`,
    "format: json",
    `topic: ${scalar(origin.topic)}`,
    `partitions: ${origin.partitions}`,
    "retention: 3d",
    `tables: {bronze: bronze.${origin.name}, dlq: bronze.${origin.name}_dlq, silver: silver.${origin.name}}`,
    "",
    ...(plan.hasHeader
      ? []
      : ["header: false # CSV files have none: their cells are the columns, in this order"]),
    "columns:",
    ...plan.columns.flatMap(columnLines),
    ...keyLines(plan),
    "",
    ...silverLines(plan),
  ].join("\n")}\n`;
}

function columnLines({ name, source, type, silver, reason, isOptional }: PlannedColumn): string[] {
  return [
    `  - name: ${scalar(name)}`,
    ...(source === name ? [] : [`    source: ${scalar(source)}`]),
    `    type: ${scalar(type)} # ${comment(reason)}`,
    `    silver: ${scalar(silver)}`,
    ...(isOptional ? ["    required: false # not every input has it"] : []),
  ];
}

function keyLines({ messageKey, eventTime }: Plan): string[] {
  const lines: string[] = [];
  if (messageKey) lines.push(`message_key: ${list(messageKey)}`);
  if (eventTime) lines.push(`event_time: ${scalar(eventTime.name)} # a time that every record has`);
  return lines.length === 0 ? [] : ["", ...lines];
}

function silverLines(plan: Plan): string[] {
  const { naturalKey, keyReason, messageKey, eventTime, id, partitionColumn, partition } = plan;
  const isAdded = messageKey && eventTime && !messageKey.includes(eventTime.name);
  const column = eventTime && quoted(eventTime.name);
  return [
    "silver:",
    ...comments("  ", [
      `Key: ${keyReason}.`,
      ...(isAdded ? ["The event time is part of it, because silver is partitioned by it."] : []),
    ]),
    `  natural_key: ${list(naturalKey)}`,
    "  wins: identical",
    `  id: ${id}`,
    "  partition_by:",
    `    column: ${partitionColumn}`,
    "    type: DATE",
    ...(partition === undefined
      ? []
      : [`    transform: ${partition.transform} # ${comment(partition.reason)}`]),
    ...(column === undefined
      ? [
          "    # No column is a time that every record has: silver is one partition, which each run rewrites.",
          `    expr: ${scalar("DATE '1970-01-01'")}`,
        ]
      : [
          "    # The day of the event; a record without one would have no partition to go to.",
          `    expr: ${scalar(`COALESCE(CAST(${column} AS DATE), DATE '1970-01-01')`)}`,
        ]),
    "  # Further settings (docs/datasets.md):",
    '  # filters: ["`amount` > 0"]',
    '  # derived: [{name: amount_cents, type: BIGINT, expr: "TRY_CAST(`amount` * 100 AS BIGINT)"}]',
    "# synthetic: {columns: {amount: {lognormal: {median: 20, sigma: 1}, decimals: 2}}}",
  ];
}

/** Texts of the input are quoted if a plain scalar could mean something else in YAML. */
function scalar(text: string): string {
  const isPlain =
    (/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(text) && !/^(y|n|yes|no|on|off|null|true|false)$/i.test(text)) ||
    /^[A-Z]+(_[A-Z]+)*\(\d+(, ?\d+)?\)$/.test(text);
  return stringify(text, { lineWidth: 0, defaultStringType: isPlain ? "PLAIN" : "QUOTE_DOUBLE" }).trimEnd();
}

const list = (names: readonly string[]) => `[${names.map(scalar).join(", ")}]`;

const comments = (indent: string, lines: readonly string[]) =>
  lines.map((line) => `${indent}# ${comment(line)}`);

/** Text of an input must not end the comment. */
const comment = (text: string) =>
  text.replace(
    /[\p{Cc}\u2028\u2029\ufeff]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
