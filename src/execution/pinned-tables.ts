import { quoted } from "../core/sql-quotes.js";
import type { TableId } from "../iceberg/catalog.js";
import { asOf, readFrom } from "../lake/read-options.js";

/** The snapshot of each table that a mart was made from, by `namespace.table`; null for a table that had none. */
export type Reads = Readonly<Record<string, string | null>>;

/** A table of the lake in a plan, and the snapshot that it is read as of; null for whatever is there when it runs. */
export interface Scan {
  readonly table: string;
  readonly snapshot: string | null;
}

/**
 * The tables of the lake that a plan reads, from what EXPLAIN of Flink says of the query before it is optimized. A text in the
 * query that looks like that is one table too many, which is not there.
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
 * Statements that make a catalog in which the tables have the names that they have in the lake, each as of one snapshot: a query is
 * pinned to them however it names them. A table that had no snapshot stays empty, also when it gets one meanwhile.
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

/** The table of a name `namespace.table`. */
export function idOf(qualified: string): TableId {
  const [namespace = "", table = ""] = qualified.split(".");
  return { namespace, table };
}
