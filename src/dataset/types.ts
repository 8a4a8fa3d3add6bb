import type { ColumnType } from "./column-type.js";
import { incarnationColumn } from "./incarnation.js";
import type { QualityRule } from "./quality.js";
import type { SyntheticSpec } from "./synthetic/spec.js";
import type { Unit } from "./unit.js";

/** One column of a dataset: its field in records, its type in bronze and its name in silver. */
export interface Column {
  /** Its name in bronze; any text, so it is quoted in SQL. */
  readonly name: string;
  /** The field's name in every Kafka record. */
  readonly source: string;
  /** Flink SQL type, checked to be one of the known types: safe to put into SQL as it is. */
  readonly type: string;
  readonly parsedType: ColumnType;
  /** False when a record without a value here is a dead letter. */
  readonly nullable: boolean;
  /** Other names of the same column in input files. */
  readonly aliases: readonly string[];
  /** Name in silver, or null when silver does not have the column. */
  readonly silver: string | null;
  /** An input file without a required column is refused; an optional one is NULL. */
  readonly required: boolean;
  readonly description: string;
}

/** A silver column that is computed by one SQL row expression over source columns. */
export interface DerivedColumn {
  readonly name: string;
  readonly type: string;
  readonly expr: string;
  readonly description: string;
}

export interface SilverRules {
  /** Records with equal values in these columns are the same event. With `recordColumns`, no two records are. */
  readonly naturalKey: readonly string[];
  /**
   * Which of several records with one natural key silver keeps. `identical`: they are copies of each other, so
   * any one is right; `last`: the one that was sent last (highest incarnation, partition and offset).
   */
  readonly wins: "identical" | "last";
  /** Name of the silver column with the MD5 of the natural key. */
  readonly id: string;
  /** Row conditions, joined by AND: a row is in silver only if all are true. Those of quality rules come last. */
  readonly filters: readonly string[];
  /** A DATE; a partition holds a day, or the month or year that it lies in. */
  readonly partitionBy: DerivedColumn & { readonly transform: Unit };
  readonly derived: readonly DerivedColumn[];
}

/** A table name as `namespace.table`, each part a plain identifier. */
export interface TableName {
  readonly namespace: string;
  readonly table: string;
  readonly qualified: string;
}

/** A dataset manifest, checked and resolved. Frozen, at every depth. */
export interface Dataset {
  /** The file it was read from. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly topic: string;
  readonly partitions: number;
  /** As written, for example `3d`. */
  readonly retention: string;
  readonly retentionMs: number;
  readonly tables: { readonly bronze: TableName; readonly dlq: TableName; readonly silver: TableName };
  readonly columns: readonly Column[];
  /** False when CSV files have no header: their cells are the columns, in this order. */
  readonly hasHeader: boolean;
  /** Columns whose values, joined by `|`, are the Kafka message key; empty for records without a key. */
  readonly messageKey: readonly string[];
  /** The column that says when the event happened; undefined when none does. */
  readonly eventTime: string | undefined;
  readonly silver: SilverRules;
  /** What silver's rows are held to; those with `on_fail: quarantine` are among the filters, too. */
  readonly quality: readonly QualityRule[];
  /** How to make records; undefined when the manifest has no `synthetic:`. */
  readonly synthetic: SyntheticSpec | undefined;
  /** What is right in the manifest, but of an earlier version, as `file:line: …`. */
  readonly notes: readonly string[];
}

/** The columns that identify every record for ever. */
export const recordColumns = [incarnationColumn, "kafka_partition", "kafka_offset"] as const;

/** One Kafka record, ready to send. A null key lets the partitioner choose; a null value is a tombstone. */
export interface SourceRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}
