import { failed } from "../core/errors.js";
import { quoted } from "../core/sql-quotes.js";
import { type ColumnType, parseColumnType } from "../dataset/column-type.js";
import type { Column, Dataset, TableName } from "../dataset/types.js";
import type { IcebergCatalog, NewTable, Table } from "../iceberg/catalog.js";
import { evolve } from "../iceberg/evolve.js";
import { type IcebergField, type IcebergType, icebergType } from "../iceberg/types.js";
import { tableKinds } from "./table-kinds.js";

export interface Tables {
  readonly bronze: Table;
  readonly dlq: Table;
  readonly silver: Table;
}

const field = (
  name: string,
  type: IcebergType,
  options: { required?: boolean; doc?: string } = {},
): IcebergField => ({
  name,
  type,
  required: options.required ?? false,
  ...(options.doc === undefined || options.doc === "" ? {} : { doc: options.doc }),
});

const kafkaFields = [
  field("kafka_epoch", "int", { required: true, doc: "0; one more each time the topic was made again" }),
  field("kafka_partition", "int", { required: true }),
  field("kafka_offset", "long", { required: true }),
  field("kafka_timestamp", "timestamptz"),
];
const ingestion = field("ingestion_ts", "timestamptz", { doc: "When pipectl's job read the record" });

/** Else Flink's sink commits an empty snapshot each tenth checkpoint of an idle stream: a third of a million a year. */
export const noEmptyCommits = { "flink.max-continuous-empty-commits": "1000000" };

const common = {
  ...noEmptyCommits,
  "format-version": "2",
  "write.format.default": "parquet",
  "write.parquet.compression-codec": "zstd",
  // A commit writes a new metadata file; without a bound they outgrow the data.
  "write.metadata.delete-after-commit.enabled": "true",
  "write.metadata.previous-versions-max": "100",
};

/**
 * Bronze and dead letters are partitioned by Kafka partition. Each source task reads whole Kafka partitions, so it
 * costs no extra files; a file then holds one stretch of offsets, so that its bounds on offset and time prune as well
 * as a partitioning by day would; and the snapshot's summary counts the rows of each Kafka partition, which makes the
 * account exact without reading a row. A partitioning by day would open a writer for each day of an old backlog.
 */
const landing = {
  ...common,
  "write.distribution-mode": "none",
  "write.summary.partition-limit": "10000",
};

/** The definitions of the dataset's three tables. */
export function tableDefinitions(dataset: Dataset): Readonly<Record<keyof Tables, NewTable>> {
  const { columns, silver } = dataset;
  return {
    bronze: {
      fields: [
        ...columns.map(({ name, parsedType, nullable, description }) =>
          field(name, icebergType(parsedType), { required: !nullable, doc: description }),
        ),
        field("extra_fields", "string", { doc: "Fields that the dataset does not know, as a JSON object" }),
        ...kafkaFields,
        ingestion,
      ],
      partitionBy: ["kafka_partition"],
      properties: landing,
    },
    dlq: {
      fields: [
        ...kafkaFields,
        field("kafka_key", "binary"),
        field("raw_value", "binary", { doc: "The record's value as sent" }),
        field("error", "string", { doc: "Why the record is not in bronze" }),
        ingestion,
      ],
      partitionBy: ["kafka_partition"],
      properties: landing,
    },
    silver: {
      fields: silverColumns(dataset).map(({ name, type, doc }) =>
        field(name, icebergType(parseColumnType(type) as ColumnType), { doc }),
      ),
      partitionBy: [silver.partitionBy.name],
      // All rows of a day go to one task: one file a day, not one for each task.
      properties: { ...common, "write.distribution-mode": "hash" },
    },
  };
}

/** The definition of a mart's table. It is small and rewritten as a whole: no partition would save anything. */
export const martTable = (
  fields: readonly IcebergField[],
  properties: Readonly<Record<string, string>>,
): NewTable => ({ fields, partitionBy: [], properties: { ...common, ...properties } });

export interface SilverColumn {
  readonly name: string;
  readonly type: string;
  /** SQL over bronze columns. */
  readonly expr: string;
  readonly doc: string;
}

/** Silver's columns, in order: the id, the dataset's columns under their silver names, the partition, the derived ones. */
export function silverColumns(dataset: Dataset): SilverColumn[] {
  const { columns, silver } = dataset;
  const key = silver.naturalKey
    // A NULL must not look like a text, and no text may run into the part beside it.
    .map(
      (name) =>
        `COALESCE(${keyText(
          columns.find((column) => column.name === name),
          name,
        )}, '\\N')`,
    )
    .join(", '|', ");
  return [
    {
      name: silver.id,
      type: "STRING",
      expr: `MD5(CONCAT(${key}))`,
      doc: `MD5 of ${silver.naturalKey.join(", ")}, joined by |`,
    },
    ...columns.flatMap(({ name, silver: silverName, type, description }) =>
      silverName === null ? [] : [{ name: silverName, type, expr: quoted(name), doc: description }],
    ),
    ...[silver.partitionBy, ...silver.derived].map(({ name, type, expr, description }) => ({
      name,
      type,
      expr,
      doc: description,
    })),
  ];
}

/** What a row of bronze must fulfil to be in silver, in SQL. */
export const silverCondition = ({ silver }: Dataset): string =>
  silver.filters.map((filter) => `(${filter})`).join(" AND ");

/** A key column as text in which `|` and `\\` only separate and mark. */
function keyText(column: Column | undefined, name: string): string {
  return column?.parsedType.kind === "string"
    ? `REPLACE(REPLACE(${quoted(name)}, '\\', '\\\\'), '|', '\\|')`
    : `CAST(${quoted(name)} AS STRING)`;
}

/**
 * Loads the dataset's tables and creates those that are missing.
 *
 * @throws PipectlError (failed) `table_differs` when a table has other columns than the dataset
 */
export async function ensureTables(catalog: IcebergCatalog, dataset: Dataset): Promise<Tables> {
  const definitions = tableDefinitions(dataset);
  let tables = await loadTables(catalog, dataset);
  const missing = tableKinds.filter((kind) => tables[kind] === undefined);
  for (const kind of missing) await catalog.createTable(dataset.tables[kind], definitions[kind]);
  if (missing.length > 0) tables = await loadTables(catalog, dataset);
  const checked = (kind: keyof Tables): Table => {
    const id = dataset.tables[kind];
    const table = tables[kind];
    if (table === undefined) throw failed("table_missing", `${id.qualified} was created, but is not there`);
    requireColumns(id, table, definitions[kind]);
    return table;
  };
  return { bronze: checked("bronze"), dlq: checked("dlq"), silver: checked("silver") };
}

/** Loads the dataset's tables without creating any; undefined for each that is not there. */
export async function loadTables(catalog: IcebergCatalog, dataset: Dataset): Promise<Partial<Tables>> {
  const tables = await Promise.all(tableKinds.map((kind) => catalog.table(dataset.tables[kind])));
  return Object.fromEntries(
    tableKinds.flatMap((kind, i) => (tables[i] === undefined ? [] : [[kind, tables[i]]])),
  );
}

/** Statements write by position, so a table must have these columns and no others; what is said of them may differ. */
function requireColumns(id: TableName, table: Table, wanted: NewTable): void {
  const { changes, refusals } = evolutionOf(table, wanted);
  const different = [
    ...refusals.map(({ column, why }) => `${column}: ${why}`),
    ...changes
      .filter(({ change }) => change !== "described")
      .map(({ column, change, to }) => `${column} is to be ${change}${to === null ? "" : ` (${to})`}`),
  ];
  if (different.length === 0) return;
  const shown = different.slice(0, 5).join("; ") + (different.length > 5 ? "; …" : "");
  throw failed("table_differs", `${id.qualified} is not as the manifest describes it: ${shown}`, {
    hint: "pipectl dataset diff shows what differs, pipectl dataset apply changes the tables",
  });
}

/** What makes a table that is there the one that the manifest describes. */
export function evolutionOf({ schema }: Table, { fields }: NewTable) {
  let lastColumnId = schema.lastColumnId;
  const evolution = evolve(schema.fields, fields, () => ++lastColumnId);
  return { ...evolution, lastColumnId };
}
