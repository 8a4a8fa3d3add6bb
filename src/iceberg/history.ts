/** The snapshots that a table keeps. */
export interface Kept {
  readonly snapshots: readonly { readonly id: string; readonly parentId: string | null }[];
}

/** A snapshot and those before it, by id, as far back as the table keeps them. Empty for none. */
export function historyOf({ snapshots }: Kept, snapshot: string | null | undefined): Set<string> {
  const parents = new Map(snapshots.map(({ id, parentId }) => [id, parentId]));
  const history = new Set<string>();
  for (let at = snapshot ?? null; at !== null; at = parents.get(at) ?? null) history.add(at);
  return history;
}
