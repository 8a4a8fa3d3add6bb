import type { Queries } from "../execution/query.js";
import { query } from "../execution/query.js";
import type { PartitionOffsets } from "../kafka/offsets.js";
import { rowsOf } from "../lake/former-names.js";
import { type ReadOptions, readFrom } from "../lake/read-options.js";
import type { Tables } from "../lake/tables.js";

/** What is in both tables of one partition, in one incarnation. */
export interface Found {
  readonly incarnation: number;
  readonly partition: number;
  readonly bronze: number;
  readonly dlq: number;
  /** Distinct offsets. */
  readonly offsets: number;
  /** Distinct offsets that Kafka has removed by now; their rows cannot be made again. */
  readonly removed: number;
  readonly min: number;
  readonly max: number;
  /** Rows of bronze with fields that the manifest did not name; 0 unless it was asked for. */
  readonly extra: number;
}

/** Iceberg read options of each table; one that is not named is not read. */
export type Read = Partial<Readonly<Record<"bronze" | "dlq", ReadOptions>>>;

/**
 * Reads bronze and dead letters and counts their rows by incarnation and partition.
 *
 * @param tables as the catalog has them
 * @param topic tells what Kafka has removed; without it, nothing counts as removed
 * @param read what is read of each table; all of both unless told
 * @param withExtra reads `extra_fields` as well, which can be the largest column
 */
export async function countRows(
  workspace: Queries,
  tables: Partial<Pick<Tables, "bronze" | "dlq">>,
  topic: readonly PartitionOffsets[] = [],
  read: Read = { bronze: {}, dlq: {} },
  withExtra = false,
): Promise<Found[]> {
  const firsts = topic.map(({ partition, first }) => `WHEN ${partition} THEN ${first}`).join(" ");
  // A partition that Kafka no longer has was removed altogether.
  const removed =
    firsts === "" ? "FALSE" : `kafka_offset < CASE kafka_partition ${firsts} ELSE kafka_offset + 1 END`;
  const kinds = (["bronze", "dlq"] as const).filter((kind) => read[kind] !== undefined);
  if (kinds.length === 0) return [];
  const selects = kinds.map((kind) => {
    const table = tables[kind];
    const options = read[kind] ?? {};
    const rows =
      table === undefined ? readFrom(workspace.dataset.tables[kind], options) : rowsOf(table, options);
    const good = kind === "bronze" ? 1 : 0;
    const extra = withExtra && kind === "bronze" ? "CASE WHEN extra_fields IS NULL THEN 0 ELSE 1 END" : "0";
    return `SELECT kafka_incarnation, kafka_partition, kafka_offset, ${good} AS good, ${extra} AS extra FROM ${rows}`;
  });
  const { rows } = await query(
    workspace,
    `SELECT kafka_incarnation, kafka_partition, SUM(good), SUM(1 - good), COUNT(DISTINCT kafka_offset),
       COUNT(DISTINCT CASE WHEN ${removed} THEN kafka_offset END), MIN(kafka_offset), MAX(kafka_offset), SUM(extra)
     FROM (${selects.join(" UNION ALL ")}) GROUP BY kafka_incarnation, kafka_partition`,
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
