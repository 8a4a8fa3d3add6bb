import type { Queries } from "../execution/query.js";
import { query } from "../execution/query.js";
import type { Table } from "../iceberg/catalog.js";
import type { PartitionOffsets } from "../kafka/offsets.js";
import { type LandingKind, landingKinds } from "../lake/definitions.js";
import { rowsOf } from "../lake/former-names.js";
import { joinedHashes, type RowHashes } from "../lake/hash-sum.js";
import { type ReadOptions, readFrom } from "../lake/read-options.js";
import { hasRowHash } from "../lake/row-hash.js";
import type { Tables } from "../lake/tables.js";
import type { Needs } from "../workspace/workspace.js";
import type { Account } from "./account.js";
import { type FoundValues, joinedValues, valueColumns, valuesOf } from "./found-values.js";

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
  /** As they are stored. */
  readonly hashes: RowHashes;
  /** Undefined unless requested. */
  readonly values?: FoundValues;
}

/** Iceberg read options of each table. A table without an entry is not read. */
export type Read = Partial<Readonly<Record<LandingKind, ReadOptions>>>;

export interface MoreOfRows {
  /** Also reads `extra_fields`, which can be the largest column. */
  readonly extra?: boolean;
  /**
   * Also reads every other column, and makes each row's hash again. Rows that the account counts are told from those that have
   * landed since; all rows count as those where there is none.
   */
  readonly values?: { readonly account: Pick<Account, "incarnation" | "partitions"> | undefined };
}

/**
 * Reads bronze and dead letters and counts their rows by incarnation and partition.
 *
 * @param tables as the catalog has them
 * @param topic shows which offsets Kafka has removed; without it, none count as removed
 * @param read which rows of each table to read; by default all rows of both
 */
export async function countRows(
  workspace: Queries,
  tables: Partial<Pick<Tables, LandingKind>>,
  topic: readonly PartitionOffsets[] = [],
  read: Read = { bronze: {}, dlq: {} },
  { extra = false, values }: MoreOfRows = {},
): Promise<Found[]> {
  const firsts = topic.map(({ partition, first }) => `WHEN ${partition} THEN ${first}`).join(" ");
  // All records of a partition that Kafka no longer has count as removed.
  const removed =
    firsts === "" ? "FALSE" : `kafka_offset < CASE kafka_partition ${firsts} ELSE kafka_offset + 1 END`;
  const kinds = kindsIn(read);
  if (kinds.length === 0) return [];
  const more = values === undefined ? undefined : valueColumns(workspace.dataset, tables, values.account);
  const columns = (kind: LandingKind, table: Table | undefined) => {
    const isGood = kind === "bronze";
    const withExtra = extra && isGood ? "CASE WHEN extra_fields IS NULL THEN 0 ELSE 1 END" : "0";
    const hash = table === undefined || hasRowHash(table) ? "row_hash" : noNumber;
    const hashes = `${isGood ? hash : noNumber} AS bronze_hash, ${isGood ? noNumber : hash} AS dlq_hash`;
    return `, ${withExtra} AS extra, ${hashes}${more?.of(kind) ?? ""}`;
  };
  const { rows } = await query(
    workspace,
    `SELECT kafka_incarnation, kafka_partition, SUM(good), SUM(1 - good), COUNT(DISTINCT kafka_offset),
       COUNT(DISTINCT CASE WHEN ${removed} THEN kafka_offset END), MIN(kafka_offset), MAX(kafka_offset), SUM(extra),
       COUNT(bronze_hash), SUM(bronze_hash), COUNT(dlq_hash), SUM(dlq_hash)${more?.figures ?? ""}
     FROM (${rowsOfBoth(workspace, tables, read, columns)}) GROUP BY kafka_incarnation, kafka_partition${more?.groups ?? ""}`,
    1_000_000,
    undefined,
    more?.functions,
  );
  return joined(rows.map((row) => foundIn(row, more !== undefined)));
}

const noNumber = "CAST(NULL AS BIGINT)";

function foundIn(row: readonly unknown[], withValues: boolean): Found {
  const [incarnation = 0, partition = 0, bronze = 0, dlq = 0, offsets = 0, removed = 0, ...rest] =
    row.map(Number);
  const [min = 0, max = 0, extra = 0] = rest;
  const sum = (at: number) => ({ rows: Number(row[at] ?? 0), sum: String(row[at + 1] ?? 0) });
  const hashes = { bronze: sum(9), dlq: sum(11) };
  const found = { incarnation, partition, bronze, dlq, offsets, removed, min, max, extra, hashes };
  return withValues ? { ...found, values: valuesOf(row.slice(13), hashes) } : found;
}

/** Rows that the account counts and those that have landed since are two groups of a partition, with other offsets. */
function joined(groups: readonly Found[]): Found[] {
  const found = new Map<string, Found>();
  for (const one of groups) {
    const at = `${one.incarnation}/${one.partition}`;
    const other = found.get(at);
    found.set(at, other === undefined ? one : both(one, other));
  }
  return [...found.values()];
}

function both(one: Found, other: Found): Found {
  const sum = (term: LandingKind | "offsets" | "removed" | "extra") => one[term] + other[term];
  return {
    ...{ incarnation: one.incarnation, partition: one.partition, bronze: sum("bronze"), dlq: sum("dlq") },
    ...{ offsets: sum("offsets"), removed: sum("removed"), extra: sum("extra") },
    ...{ min: Math.min(one.min, other.min), max: Math.max(one.max, other.max) },
    hashes: joinedHashes(one.hashes, other.hashes),
    ...(one.values === undefined || other.values === undefined
      ? {}
      : { values: joinedValues(one.values, other.values) }),
  };
}

/**
 * The rows of both tables in SQL: where they came from, and `good`, 1 for those of bronze. At least one table must be read.
 *
 * @param more other columns of each table, each after a comma
 */
export function rowsOfBoth(
  { dataset }: Needs<"dataset">,
  tables: Partial<Pick<Tables, LandingKind>>,
  read: Read,
  more: (kind: LandingKind, table: Table | undefined) => string = () => "",
): string {
  const selects = kindsIn(read).map((kind) => {
    const table = tables[kind];
    const options = read[kind] ?? {};
    const rows = table === undefined ? readFrom(dataset.tables[kind], options) : rowsOf(table, options);
    const good = kind === "bronze" ? 1 : 0;
    return `SELECT kafka_incarnation, kafka_partition, kafka_offset, ${good} AS good${more(kind, table)} FROM ${rows}`;
  });
  return selects.join(" UNION ALL ");
}

const kindsIn = (read: Read) => landingKinds.filter((kind) => read[kind] !== undefined);
