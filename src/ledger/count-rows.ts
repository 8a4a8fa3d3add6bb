import type { Queries } from "../execution/query.js";
import { query } from "../execution/query.js";
import type { PartitionOffsets } from "../kafka/offsets.js";
import { rowsOf } from "../lake/former-names.js";
import { type ReadOptions, readFrom } from "../lake/read-options.js";
import type { Tables } from "../lake/tables.js";
import type { Needs } from "../workspace/workspace.js";

/** What is in both tables of one partition, in one incarnation. */
export interface Found {
  readonly incarnation: number;
  readonly partition: number;
  readonly bronze: number;
  readonly dlq: number;
  /** Distinct offsets. */
  readonly offsets: number;
  /** Distinct offsets that Kafka has removed by now. Their rows cannot be ingested again. */
  readonly removed: number;
  readonly min: number;
  readonly max: number;
  /** Rows of bronze with fields that the manifest does not name; 0 unless requested. */
  readonly extra: number;
}

/** Iceberg read options of each table. A table without an entry is not read. */
export type Read = Partial<Readonly<Record<"bronze" | "dlq", ReadOptions>>>;

/**
 * Reads bronze and dead letters and counts their rows by incarnation and partition.
 *
 * @param tables as the catalog has them
 * @param topic shows which offsets Kafka has removed; without it, none count as removed
 * @param read which rows of each table to read; by default all rows of both
 * @param withExtra also reads `extra_fields`, which can be the largest column
 */
export async function countRows(
  workspace: Queries,
  tables: Partial<Pick<Tables, "bronze" | "dlq">>,
  topic: readonly PartitionOffsets[] = [],
  read: Read = { bronze: {}, dlq: {} },
  withExtra = false,
): Promise<Found[]> {
  const firsts = topic.map(({ partition, first }) => `WHEN ${partition} THEN ${first}`).join(" ");
  // All records of a partition that Kafka no longer has count as removed.
  const removed =
    firsts === "" ? "FALSE" : `kafka_offset < CASE kafka_partition ${firsts} ELSE kafka_offset + 1 END`;
  if (read.bronze === undefined && read.dlq === undefined) return [];
  const { rows } = await query(
    workspace,
    `SELECT kafka_incarnation, kafka_partition, SUM(good), SUM(1 - good), COUNT(DISTINCT kafka_offset),
       COUNT(DISTINCT CASE WHEN ${removed} THEN kafka_offset END), MIN(kafka_offset), MAX(kafka_offset), SUM(extra)
     FROM (${rowsOfBoth(workspace, tables, read, withExtra)}) GROUP BY kafka_incarnation, kafka_partition`,
    1_000_000,
  );
  return rows.map((row): Found => {
    const [
      incarnation = 0,
      partition = 0,
      inBronze = 0,
      inDlq = 0,
      offsets = 0,
      gone = 0,
      min = 0,
      max = 0,
      extra = 0,
    ] = row.map(Number);
    return { incarnation, partition, bronze: inBronze, dlq: inDlq, offsets, removed: gone, min, max, extra };
  });
}

/** The rows of both tables in SQL: where they came from, and `good`, 1 for those of bronze. At least one table must be read. */
export function rowsOfBoth(
  { dataset }: Needs<"dataset">,
  tables: Partial<Pick<Tables, "bronze" | "dlq">>,
  read: Read,
  withExtra = false,
): string {
  const kinds = (["bronze", "dlq"] as const).filter((kind) => read[kind] !== undefined);
  const selects = kinds.map((kind) => {
    const table = tables[kind];
    const options = read[kind] ?? {};
    const rows = table === undefined ? readFrom(dataset.tables[kind], options) : rowsOf(table, options);
    const good = kind === "bronze" ? 1 : 0;
    const extra = withExtra && kind === "bronze" ? "CASE WHEN extra_fields IS NULL THEN 0 ELSE 1 END" : "0";
    return `SELECT kafka_incarnation, kafka_partition, kafka_offset, ${good} AS good, ${extra} AS extra FROM ${rows}`;
  });
  return selects.join(" UNION ALL ");
}
