import { quoted } from "../../core/sql-quotes.js";
import { isQuarantine, ownFilters } from "../../dataset/quarantine.js";
import type { Dataset } from "../../dataset/types.js";
import { rowsOf } from "../../lake/former-names.js";
import { asOf, readFrom } from "../../lake/read-options.js";
import { silverColumns } from "../../lake/silver-columns.js";
import type { Workspace } from "../../workspace/workspace.js";

/** The rows that rules are held against, as they stand behind FROM. */
export interface Judged {
  readonly silver: string;
  /** For rules that keep rows out of silver: those of bronze, under silver's names; a text that nothing uses where there are none. */
  readonly bronze: string;
}

/** Silver and bronze as they are now: a stream may append to both meanwhile. Undefined where there is no silver. */
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
 * Rows of bronze that the manifest's own filters let pass, as silver would have them, each with its place in Kafka.
 *
 * @param bronze as it stands behind FROM
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
/** Where a row stands in Kafka, by the names of bronze, as text. */
export const placeAsText = places.map((place): [string, string] => [
  `kafka_${place}`,
  `CAST(pipectl_${place} AS STRING)`,
]);
