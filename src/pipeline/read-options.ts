/** Iceberg's read options of one table (docs/flink-configuration.md of Iceberg, "Read options"). */
export type ReadOptions = Readonly<Record<string, string>>;

/** The table as it was at a snapshot. */
export const asOf = (snapshot: string): ReadOptions => ({ "snapshot-id": snapshot });

/** What was appended after one snapshot, up to and including another; everything when there was none before. */
export const appendedBetween = (since: string | null, snapshot: string): ReadOptions =>
  since === null ? asOf(snapshot) : { "start-snapshot-id": since, "end-snapshot-id": snapshot };

/** The options as they stand behind a table's name in SQL. */
export function readHint(options: ReadOptions): string {
  const words = Object.entries(options).map(([name, value]) => `'${name}' = '${value}'`);
  return words.length === 0 ? "" : ` /*+ OPTIONS(${words.join(", ")}) */`;
}
