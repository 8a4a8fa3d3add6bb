import type { TableName } from "../../dataset/types.js";

/** The part of a mart that determines its order. */
export interface NamedMart {
  readonly name: string;
  readonly table: TableName;
  /** Its query without comments and literals. */
  readonly bare: string;
}

/** Marts whose tables a mart's query names. A false match, such as a column of that name, only affects the order. */
export const martsReadBy = <M extends NamedMart>(mart: NamedMart, marts: readonly M[]): M[] =>
  marts.filter(({ table }) =>
    new RegExp(`(?<![\\w.])(lake\\s*\\.\\s*)?${table.namespace}\\s*\\.\\s*${table.table}(?!\\w)`).test(
      mart.bare,
    ),
  );

/** The same marts, each after those that it reads. */
export function inOrder<M extends NamedMart>(marts: readonly M[]): M[] {
  const ordered: M[] = [];
  const add = (mart: M) => {
    if (ordered.includes(mart)) return;
    for (const read of martsReadBy(mart, marts)) add(read);
    ordered.push(mart);
  };
  for (const mart of marts) add(mart);
  return ordered;
}

/** An error for marts that read each other in a circle; undefined when none do. */
export function orderProblem(marts: readonly NamedMart[]): string | undefined {
  const done = new Set<NamedMart>();
  const visit = (mart: NamedMart, path: readonly NamedMart[]): string | undefined => {
    if (path.includes(mart)) {
      const circle = [...path.slice(path.indexOf(mart)), mart].map(({ name }) => name);
      return `marts read each other in a circle: ${circle.join(" reads ")}`;
    }
    if (done.has(mart)) return undefined;
    for (const read of martsReadBy(mart, marts)) {
      const problem = visit(read, [...path, mart]);
      if (problem !== undefined) return problem;
    }
    done.add(mart);
    return undefined;
  };
  for (const mart of marts) {
    const problem = visit(mart, []);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
