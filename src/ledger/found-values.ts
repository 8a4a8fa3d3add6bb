import type { Dataset } from "../dataset/types.js";
import type { LandingKind } from "../lake/definitions.js";
import { joinedHashes, noHashes, type RowHashes } from "../lake/hash-sum.js";
import { bronzeHash, deadLetterHash, hashFunctions, hasRowHash } from "../lake/row-hash.js";
import type { Tables } from "../lake/tables.js";
import type { Account } from "./account.js";

/** What the values of a partition's rows say: their hashes as they are stored, and as they are made again. */
export interface FoundValues {
  /** Hashes of those rows that the account counts. */
  readonly landed: RowHashes;
  /** Rows whose hash does not fit their values. */
  readonly changed: { readonly bronze: number; readonly dlq: number };
  /** The lowest offset of one of them. */
  readonly changedAt: number | undefined;
  /** The highest offset of a row without a hash. */
  readonly unhashedAt: number | undefined;
}

/**
 * The columns by which `countRows` finds them. Each row's hash is made once: Flink would make it again for each expression that
 * names it. The largest times and reasons are asked for only so that these columns are read: nothing else would notice that a
 * file cannot be read there.
 */
export function valueColumns(
  dataset: Pick<Dataset, "columns">,
  tables: Partial<Pick<Tables, LandingKind>>,
  account: Pick<Account, "incarnation" | "partitions"> | undefined,
) {
  const changed = (kind: LandingKind) => {
    const table = tables[kind];
    if (table === undefined || !hasRowHash(table)) return none;
    const made = kind === "bronze" ? bronzeHash(dataset, table) : deadLetterHash;
    return `CASE WHEN row_hash <> ${made} THEN kafka_offset END`;
  };
  const unhashed = (kind: LandingKind) => {
    const table = tables[kind];
    return table === undefined || !hasRowHash(table)
      ? "kafka_offset"
      : "CASE WHEN row_hash IS NULL THEN kafka_offset END";
  };
  return {
    of: (kind: LandingKind) =>
      [
        `, ${landed(account)} AS landed`,
        `${kind === "bronze" ? changed(kind) : none} AS bronze_changed`,
        `${kind === "dlq" ? changed(kind) : none} AS dlq_changed`,
        `${unhashed(kind)} AS unhashed`,
        "kafka_timestamp",
        "ingestion_ts",
        `${kind === "dlq" ? "error" : "CAST(NULL AS STRING)"} AS reason`,
      ].join(", "),
    figures: `, landed, COUNT(bronze_changed), COUNT(dlq_changed), MIN(bronze_changed), MIN(dlq_changed), MAX(unhashed),
       MAX(kafka_timestamp), MAX(ingestion_ts), MAX(reason)`,
    groups: ", landed",
    functions: hashFunctions,
  };
}

const none = "CAST(NULL AS BIGINT)";

/** Only the rows of the topic that is read now grow beyond the account. */
function landed(account: Pick<Account, "incarnation" | "partitions"> | undefined): string {
  if (account === undefined) return "1";
  const nexts = account.partitions
    .filter(({ incarnation }) => incarnation === account.incarnation)
    .map(({ partition, next }) => `WHEN ${partition} THEN ${next}`);
  const next = nexts.length === 0 ? "0" : `CASE kafka_partition ${nexts.join(" ")} ELSE 0 END`;
  return `CASE WHEN kafka_incarnation = ${account.incarnation} AND kafka_offset >= ${next} THEN 0 ELSE 1 END`;
}

/** @param row the figures of `valueColumns`, in their order */
export function valuesOf(row: readonly unknown[], hashes: RowHashes): FoundValues {
  const [isLanded = 1, bronze = 0, dlq = 0, inBronze, inDlq, unhashed] = row;
  const places = [inBronze, inDlq].filter((one) => one != null).map(Number);
  return {
    landed: Number(isLanded) === 1 ? hashes : noHashes,
    changed: { bronze: Number(bronze), dlq: Number(dlq) },
    changedAt: places.length === 0 ? undefined : Math.min(...places),
    unhashedAt: unhashed == null ? undefined : Number(unhashed),
  };
}

export function joinedValues(one: FoundValues, other: FoundValues): FoundValues {
  const places = [one.changedAt, other.changedAt].filter((at) => at !== undefined);
  const unhashed = [one.unhashedAt, other.unhashedAt].filter((at) => at !== undefined);
  return {
    landed: joinedHashes(one.landed, other.landed),
    changed: {
      bronze: one.changed.bronze + other.changed.bronze,
      dlq: one.changed.dlq + other.changed.dlq,
    },
    changedAt: places.length === 0 ? undefined : Math.min(...places),
    unhashedAt: unhashed.length === 0 ? undefined : Math.max(...unhashed),
  };
}
