import { type ColumnType, parseColumnType } from "./column-type.js";
import { milliseconds } from "./duration.js";
import { formerNameNote, underNamesOfNow } from "./former-names.js";
import { type Problem, readManifestFile } from "./manifest-file.js";
import { quarantineFilters } from "./quarantine.js";
import { referenceProblems } from "./references.js";
import { type Manifest, manifestSchema } from "./schema.js";
import type { Column, Dataset, TableName } from "./types.js";

/**
 * Reads and checks a dataset manifest (`datasets/<name>.yml`).
 *
 * @returns the dataset, frozen at every depth
 * @throws usage error `manifest_unreadable`, or `manifest_invalid` with all problems at once as `file:line: …`
 */
export function loadManifest(path: string): Dataset {
  const file = readManifestFile(path);
  const { content, former } = underNamesOfNow(file.content);
  const result = manifestSchema.safeParse(content, { reportInput: true });
  const problems: Problem[] = referenceProblems(content);
  for (const issue of result.error?.issues ?? []) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) problems.push({ path: issue.path, message: `unknown key ${key}`, key });
    } else {
      const missing = issue.code === "invalid_type" && issue.input === undefined;
      problems.push({
        path: issue.path,
        message: missing ? `is missing (${issue.expected})` : issue.message,
      });
    }
  }
  if (!result.success || problems.length > 0) throw file.error(problems);
  const notes = [...new Set(former.map(file.line))].map((line) => `${path}:${line}: ${formerNameNote}`);
  return deepFreeze(withQuarantine(resolve(path, result.data, notes)));
}

function resolve(path: string, manifest: Manifest, notes: readonly string[]): Dataset {
  const { silver } = manifest;
  return {
    path,
    name: manifest.name,
    description: manifest.description,
    topic: manifest.topic,
    partitions: manifest.partitions,
    retention: manifest.retention,
    retentionMs: milliseconds(manifest.retention),
    tables: {
      bronze: tableName(manifest.tables.bronze),
      dlq: tableName(manifest.tables.dlq),
      silver: tableName(manifest.tables.silver),
    },
    columns: manifest.columns.map((column) => ({
      name: column.name,
      source: column.source ?? column.name,
      type: checkedType(column.type).sql,
      parsedType: checkedType(column.type),
      nullable: column.nullable,
      aliases: column.aliases,
      silver: column.silver === false ? null : (column.silver ?? column.name),
      required: column.required,
      description: column.description,
    })),
    hasHeader: manifest.header,
    messageKey: manifest.message_key,
    eventTime: manifest.event_time,
    silver: {
      naturalKey: silver.natural_key,
      wins: silver.wins,
      id: silver.id,
      filters: silver.filters,
      partitionBy: {
        name: silver.partition_by.column,
        type: silver.partition_by.type,
        expr: silver.partition_by.expr,
        transform: silver.partition_by.transform,
        description: silver.partition_by.description,
      },
      derived: silver.derived.map((column) => ({ ...column, type: checkedType(column.type).sql })),
    },
    quality: manifest.quality,
    synthetic: manifest.synthetic,
    notes,
  };
}

function withQuarantine(dataset: Dataset): Dataset {
  const filters = [...dataset.silver.filters, ...quarantineFilters(dataset)];
  // Without a filter the WHERE clause would be empty.
  return { ...dataset, silver: { ...dataset.silver, filters: filters.length === 0 ? ["TRUE"] : filters } };
}

/** The column with this source name. A loaded manifest refers to no unknown ones. */
export function columnNamed(dataset: Dataset, name: string): Column {
  const column = dataset.columns.find((candidate) => candidate.name === name);
  if (!column) throw new Error(`${dataset.path} has no column ${name}`);
  return column;
}

function checkedType(text: string): ColumnType {
  const type = parseColumnType(text);
  if (!type) throw new Error(`the schema let the type ${text} pass`);
  return type;
}

function tableName(qualified: string): TableName {
  const [namespace = "", table = ""] = qualified.split(".");
  return { namespace, table, qualified };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
