import type { TableId } from "../iceberg/catalog.js";

/** Iceberg's read options of one table (docs/flink-configuration.md of Iceberg, "Read options"). */
export type ReadOptions = Readonly<Record<string, string>>;

/** The table as it was at a snapshot. */
export const asOf = (snapshot: string): ReadOptions => ({ "snapshot-id": snapshot });

/** What was appended after one snapshot, up to and including another; everything when there was none before. */
export const appendedBetween = (since: string | null, snapshot: string): ReadOptions =>
  since === null ? asOf(snapshot) : { "start-snapshot-id": since, "end-snapshot-id": snapshot };

/**
 * A table as it grows, in a streaming job. The rows of the first snapshot are read, too.
 *
 * @param since null: all that was ever appended
 * @param interval how often to look for new snapshots, as Flink writes a duration
 */
export const followFrom = (since: string | null, interval: string): ReadOptions => ({
  streaming: "true",
  "monitor-interval": interval,
  ...(since === null
    ? { "starting-strategy": "INCREMENTAL_FROM_EARLIEST_SNAPSHOT" }
    : { "starting-strategy": "INCREMENTAL_FROM_SNAPSHOT_ID", "start-snapshot-id": since }),
});

/** A table of the catalog, as SQL names it in a FROM clause. */
export function readFrom({ namespace, table }: TableId, options: ReadOptions): string {
  const words = Object.entries(options).map(([name, value]) => `'${name}' = '${value}'`);
  const hint = words.length === 0 ? "" : ` /*+ OPTIONS(${words.join(", ")}) */`;
  return `lake.\`${namespace}\`.\`${table}\`${hint}`;
}
