import { quoted } from "../../core/sql-quotes.js";
import { isQuarantine, ownFilters } from "../../dataset/quarantine.js";
import type { Dataset } from "../../dataset/types.js";
import { rowsOf } from "../../lake/former-names.js";
import { asOf, readFrom } from "../../lake/read-options.js";
import { silverColumns } from "../../lake/silver-columns.js";
import type { Workspace } from "../../workspace/workspace.js";

/** The rows that rules judge, as text to follow FROM. */
export interface Judged {
  readonly silver: string;
  /** For quarantine rules: rows of bronze under silver's names. Unused when there are no such rules. */
  readonly bronze: string;
}

/** Current snapshots of silver and bronze: a stream may append to both meanwhile. Undefined without silver. */
export async function rowsAsOfNow({ dataset, catalog }: Workspace): Promise<Judged | undefined> {
  const silver = await catalog.table(dataset.tables.silver);
  if (silver === undefined) return undefined;
  const bronze = dataset.quality.some(isQuarantine) ? await catalog.table(dataset.tables.bronze) : undefined;
  const at = (table: typeof silver | undefined) =>
    table?.current === undefined ? {} : asOf(table.current.id);
  const from = bronze === undefined ? readFrom(dataset.tables.bronze, {}) : rowsOf(bronze, at(bronze));
  return { silver: readFrom(silver.id, at(silver)), bronze: bronzeRows(dataset, from) };
}

/**
 * Rows of bronze that pass the manifest's own filters, with silver's columns, and each with its place in Kafka.
 *
 * @param bronze the table in the form that follows FROM
 */
export function bronzeRows(dataset: Dataset, bronze: string): string {
  const columns = silverColumns(dataset).map(
    ({ name, type, expr }) => `CAST(${expr} AS ${type}) AS ${quoted(name)}`,
  );
  const filters = ownFilters(dataset).map((filter) => `(${filter})`);
  const where = filters.length === 0 ? "" : ` WHERE ${filters.join(" AND ")}`;
  return `(SELECT ${[...placeColumns, ...columns].join(", ")} FROM ${bronze}${where})`;
}

const places = ["incarnation", "partition", "offset"];
/** No column of silver begins like this. */
const placeColumns = places.map((place) => `kafka_${place} AS pipectl_${place}`);
/** A row's place in Kafka, under the names of bronze's columns, as text. */
export const placeAsText = places.map((place): [string, string] => [
  `kafka_${place}`,
  `CAST(pipectl_${place} AS STRING)`,
]);
