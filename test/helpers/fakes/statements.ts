import type { Unit } from "../../../src/dataset/unit.js";
import type { TableId } from "../../../src/iceberg/catalog.js";

/** A table as a statement names it, with its options. */
export interface Named {
  readonly id: TableId;
  readonly options: Readonly<Record<string, string>>;
}

/** Every table of the catalog that SQL names, in order: `lake.ns.table`, quoted or not, with or without a hint. */
export function tablesIn(sql: string): Named[] {
  const name = /`?lake`?\.`(\w+)`\.`(\w+)`(?:\s*\/\*\+ OPTIONS\(([^)]*)\) \*\/)?/g;
  return [...sql.matchAll(name)].map(([, namespace = "", table = "", options = ""]) => ({
    id: { namespace, table },
    options: Object.fromEntries([...options.matchAll(/'([^']+)' = '([^']*)'/g)].map(([, k, v]) => [k, v])),
  }));
}

/** The tables that it names of this name. */
export const namedIn = (sql: string, { namespace, table }: TableId): Named[] =>
  tablesIn(sql).filter(({ id }) => id.namespace === namespace && id.table === table);

/** The branch of a table that SQL writes to; undefined for main. */
export const branchOfTarget = (sql: string, { namespace, table }: TableId): string | undefined =>
  new RegExp(
    `INSERT (?:INTO|OVERWRITE) \\S*\`${namespace}\`\\.\`${table}\` /\\*\\+ OPTIONS\\('branch' = '([^']+)'`,
  ).exec(sql)?.[1];

/** `partition:0,offset:10;partition:1,offset:5` behind an option, by partition; undefined where it has none. */
export function offsetsIn(sql: string, option: string): Map<number, number> | undefined {
  const text = new RegExp(`'${option.replaceAll(".", "\\.")}' = '([^']*)'`).exec(sql)?.[1];
  if (text === undefined) return undefined;
  return new Map(
    [...text.matchAll(/partition:(\d+),offset:(\d+)/g)].map(([, p, o]) => [Number(p), Number(o)]),
  );
}

/** Dates behind `IN (…)` and between the last BETWEEN's. */
export const datesIn = (sql: string): string[] =>
  [...(/IN \((DATE [^)]*)\)/.exec(sql)?.[1] ?? "").matchAll(/DATE '([^']+)'/g)].map(([, date = ""]) => date);

export function rangeIn(sql: string): { from: string; to: string } | undefined {
  const [, from, to] = /AND CAST\(.* BETWEEN DATE '([^']+)' AND DATE '([^']+)'\s*\)\s*\)/s.exec(sql) ?? [];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** The unit of those dates. */
export const unitIn = (sql: string): Unit =>
  (/ TO (MONTH|YEAR)\) IN \(DATE/.exec(sql)?.[1]?.toLowerCase() as Unit | undefined) ?? "day";
