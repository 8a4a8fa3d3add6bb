import { type ColumnType, parseColumnType } from "../dataset/column-type.js";
import { incarnationColumn } from "../dataset/incarnation.js";
import type { Dataset } from "../dataset/types.js";
import type { NewTable } from "../iceberg/catalog.js";
import { type IcebergField, type IcebergType, icebergType } from "../iceberg/types.js";
import { rowHashField } from "./row-hash.js";
import { silverColumns } from "./silver-columns.js";

/** The tables of a dataset, in the order in which their rows come. */
export const tableKinds = ["bronze", "dlq", "silver"] as const;
export type TableKind = (typeof tableKinds)[number];

/** Those that records land in: each is in one of them. */
export const landingKinds = ["bronze", "dlq"] as const;
export type LandingKind = (typeof landingKinds)[number];

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
  field(incarnationColumn, "int", { required: true, doc: "0; one more each time the topic was made again" }),
  field("kafka_partition", "int", { required: true }),
  field("kafka_offset", "long", { required: true }),
  field("kafka_timestamp", "timestamptz"),
];
const ingestion = field("ingestion_ts", "timestamptz", { doc: "When pipectl's job read the record" });

/** By default Flink's sink commits an empty snapshot at every tenth checkpoint of an idle stream: 300,000 a year. */
export const noEmptyCommits = { "flink.max-continuous-empty-commits": "1000000" };

const common = {
  ...noEmptyCommits,
  "format-version": "2",
  "write.format.default": "parquet",
  "write.parquet.compression-codec": "zstd",
  // Each commit writes a new metadata file. Without a limit these files outgrow the data.
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
export function tableDefinitions(dataset: Dataset): Readonly<Record<TableKind, NewTable>> {
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
        rowHashField,
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
        rowHashField,
      ],
      partitionBy: ["kafka_partition"],
      properties: landing,
    },
    silver: {
      fields: silverColumns(dataset).map(({ name, type, doc }) =>
        field(name, icebergType(parseColumnType(type) as ColumnType), { doc }),
      ),
      partitionBy: [partitionText(silver.partitionBy)],
      // All rows of a partition go to one task: one file of it, not one for each task.
      properties: { ...common, "write.distribution-mode": "hash" },
    },
  };
}

const partitionText = ({ name, transform }: Dataset["silver"]["partitionBy"]) =>
  transform === "day" ? name : `${transform}(${name})`;

/** The definition of a mart's table. A mart is small and always rewritten as a whole, so it has no partitions. */
export const martTable = (
  fields: readonly IcebergField[],
  properties: Readonly<Record<string, string>>,
): NewTable => ({ fields, partitionBy: [], properties: { ...common, ...properties } });
