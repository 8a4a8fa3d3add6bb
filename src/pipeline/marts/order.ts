import type { TableName } from "../../dataset/types.js";

/** As much of a mart as its order follows from. */
export interface NamedMart {
  readonly name: string;
  readonly table: TableName;
  /** Its query without comments and literals. */
  readonly bare: string;
}

/** Marts whose tables a mart's query names. One too many, because a column is called like that, only makes it wait. */
export const martsReadBy = <M extends NamedMart>(mart: NamedMart, marts: readonly M[]): M[] =>
  marts.filter(({ table }) =>
    new RegExp(`(?<![\\w.])(lake\\s*\\.\\s*)?${table.namespace}\\s*\\.\\s*${table.table}(?!\\w)`).test(
      mart.bare,
    ),
  );

/** The same marts, each behind those that it reads. */
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

/** Marts that read each other in a circle, in words; undefined where none do. */
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
