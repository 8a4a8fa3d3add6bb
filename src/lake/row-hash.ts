import { literal, quoted } from "../core/sql-quotes.js";
import type { Dataset } from "../dataset/types.js";
import type { Table } from "../iceberg/catalog.js";
import type { IcebergField } from "../iceberg/types.js";

/** The column of bronze and dead letters that holds a row's hash as it was written. */
export const rowHashColumn = "row_hash";

/** Version of the form that is hashed; docs/account.md describes it. */
export const hashForm = 1;

export const rowHashField: IcebergField = {
  name: rowHashColumn,
  type: "long",
  required: false,
  doc: "Hash of the row as pipectl wrote it, with its place in Kafka",
};

/** False for a table of a version that hashed no rows, before anything has written to it. */
export const hasRowHash = ({ schema }: Pick<Table, "schema">): boolean =>
  schema.fields.some(({ name }) => name === rowHashColumn);

/** The functions of the cluster's jar that make hashes, as statements for a session. */
export const hashFunctions: readonly string[] = [
  ["pipectl_value_hash", "ValueHash"],
  ["pipectl_row_hash", "RowHash"],
  ["pipectl_dead_letter_hash", "DeadLetterHash"],
].map(
  ([name, className]) =>
    `CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS ${name} AS 'io.pipectl.hash.${className}'`,
);

const place = "kafka_incarnation, kafka_partition, kafka_offset";

/** SQL of the hash that a row of bronze should have, made of its columns. A column that the table has not got yet is left out. */
export function bronzeHash({ columns }: Pick<Dataset, "columns">, { schema }: Pick<Table, "schema">): string {
  const there = new Set(schema.fields.map(({ name }) => name));
  const values = columns
    .filter(({ name }) => there.has(name))
    .map(({ name, source }) => `, ${literal(source)}, ${quoted(name)}`);
  return `pipectl_row_hash(${place}, pipectl_value_hash(extra_fields${values.join("")}))`;
}

/**
 * The same of a dead letter, at a place in SQL: incarnation, partition, offset. Its reason and its times are not part of the hash, and the
 * table keeps no headers.
 */
export const deadLetterHashAt = (place: string): string =>
  `pipectl_dead_letter_hash(${place}, kafka_key, CAST(NULL AS MAP<STRING, BYTES>), raw_value)`;

export const deadLetterHash = deadLetterHashAt(place);
