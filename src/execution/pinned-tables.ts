import { quoted } from "../core/sql-quotes.js";
import type { TableId } from "../iceberg/catalog.js";
import { asOf, readFrom } from "../lake/read-options.js";

/** The snapshot of each table that a mart was made from, by `namespace.table`; null for a table that had none. */
export type Reads = Readonly<Record<string, string | null>>;

/** A table that a plan reads, and the snapshot that it is pinned to; null for the table as it is when the job runs. */
export interface Scan {
  readonly table: string;
  readonly snapshot: string | null;
}

/**
 * The tables of the lake that a plan reads, from the unoptimized plan of Flink's EXPLAIN. A string literal in the query that looks
 * like a scan adds a table that does not exist, which does no harm.
 */
export function scansOf(explained: string): Scan[] {
  const [tree = ""] = explained.split("== Optimized Physical Plan ==");
  const scan =
    /LogicalTableScan\(table=\[\[lake, ([^\],]+), ([^\],]+)\]\](?:, hints=\[\[\[OPTIONS[^\]]*\][^{]*\{([^}]*)\})?/g;
  return [...tree.matchAll(scan)].map(([, namespace, table, options = ""]) => ({
    table: `${namespace}.${table}`,
    snapshot: /(?:^|, )snapshot-id=(\d+)/.exec(options)?.[1] ?? null,
  }));
}

/**
 * Statements that create a catalog with the names of the lake's tables, each pinned to one snapshot. So a query is pinned however it
 * names its tables. A table without a snapshot stays empty, even if it gets one in the meantime.
 */
export function pinnedTables(catalog: string, reads: Reads): string[] {
  const ids = Object.entries(reads).map(([name, snapshot]) => ({ ...idOf(name), snapshot }));
  const namespaces = [...new Set(ids.map(({ namespace }) => namespace))].sort();
  return [
    `CREATE CATALOG ${quoted(catalog)} WITH ('type' = 'generic_in_memory')`,
    ...namespaces.map((namespace) => `CREATE DATABASE IF NOT EXISTS ${quoted(catalog)}.${quoted(namespace)}`),
    ...ids.map(({ namespace, table, snapshot }) => {
      const view = [catalog, namespace, table].map(quoted).join(".");
      const rows = readFrom({ namespace, table }, snapshot === null ? {} : asOf(snapshot));
      return `CREATE VIEW ${view} AS SELECT * FROM ${rows}${snapshot === null ? " WHERE FALSE" : ""}`;
    }),
  ];
}

/** Parses `namespace.table`. */
export function idOf(qualified: string): TableId {
  const [namespace = "", table = ""] = qualified.split(".");
  return { namespace, table };
}
