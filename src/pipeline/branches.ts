import { failed, PipectlError } from "../core/errors.js";
import {
  type IcebergCatalog,
  type Snapshot,
  type Table,
  type TableChange,
  totalRecords,
} from "../iceberg/catalog.js";
import { forCleanup, type Workspace } from "./workspace.js";

/** Branches of ours are named after their run; every other branch or tag belongs to somebody else. */
const prefix = "pipectl_";
export const branchOf = (run: string) => `${prefix}${run.replaceAll("-", "_")}`;

/**
 * Prepares tables for a run: drops branches that earlier, killed runs left behind, and creates this run's branch where
 * readers are now. A table without a snapshot gets its branch from the first write.
 *
 * The branch is made here because a sink that makes it starts the totals of its summary from 0.
 */
export async function beginBranches(
  catalog: IcebergCatalog,
  tables: readonly Table[],
  branch: string,
): Promise<void> {
  await Promise.all(
    tables.map(async (table) => {
      const stale = Object.keys(table.refs).filter((ref) => ref.startsWith(prefix));
      if (table.current === undefined && stale.length === 0) return;
      await catalog.commit([
        {
          id: table.id,
          assertRefs: { main: table.current?.id ?? null },
          removeRefs: stale,
          ...(table.current === undefined ? {} : { setRefs: { [branch]: table.current.id } }),
        },
      ]);
    }),
  );
}

/** Removes this run's branch wherever it is. The data files on it are orphans for maintenance to remove. */
export async function dropBranches(
  catalog: IcebergCatalog,
  tables: readonly Table[],
  branch: string,
): Promise<void> {
  for (const { id } of tables) {
    const table = await catalog.table(id);
    const head = table?.refs[branch];
    if (head !== undefined)
      await catalog.commit([{ id, assertRefs: { [branch]: head }, removeRefs: [branch] }]);
  }
}

/** What a run wrote to its branch of one table. */
export interface BranchWork {
  /** The table as it is now, branch and all. */
  readonly table: Table;
  /** The snapshots on the branch that main does not have, newest first. */
  readonly snapshots: readonly Snapshot[];
  /** The snapshot that readers shall see: the branch's head, or main's where the run wrote nothing. */
  readonly head: string | null;
}

/** Reads what is on the branch beyond `before`, the table as it was when the branch was made. */
export function branchWork(before: Table, now: Table, branch: string): BranchWork {
  const byId = new Map(now.snapshots.map((snapshot) => [snapshot.id, snapshot]));
  const base = before.current?.id ?? null;
  const snapshots: Snapshot[] = [];
  let at = now.refs[branch] ?? base;
  while (at !== null && at !== base) {
    const snapshot = byId.get(at);
    if (snapshot === undefined) break;
    snapshots.push(snapshot);
    at = snapshot.parentId;
  }
  const work = { table: now, snapshots, head: now.refs[branch] ?? base };
  if (at !== base || !addsUp(before, work)) {
    const name = `${now.id.namespace}.${now.id.table}`;
    throw failed(
      "branch_disturbed",
      `the run's branch of ${name} was dropped by another run while it was written`,
      {
        hint: "nothing was published; pipectl process takes the same records again",
      },
    );
  }
  return work;
}

/**
 * A branch that another run dropped is made again by the sink that writes to it, with totals that begin at 0: the rows
 * are right, but every later count of the table would not be.
 */
function addsUp(before: Table, { snapshots }: BranchWork): boolean {
  const total = snapshots[0]?.summary["total-records"];
  if (total === undefined) return true;
  const figure = (snapshot: Snapshot, name: string) => Number(snapshot.summary[name] ?? 0);
  const change = snapshots.reduce(
    (sum, one) => sum + figure(one, "added-records") - figure(one, "deleted-records"),
    0,
  );
  return Number(total) === totalRecords(before.current) + change;
}

/**
 * The change that publishes a branch: main moves to its head and the branch goes, together with `properties`, only if
 * main is still where the run started from.
 */
export function publication(
  before: Table,
  work: BranchWork,
  branch: string,
  properties: Readonly<Record<string, string>>,
): TableChange {
  const base = before.current?.id ?? null;
  return {
    id: before.id,
    assertRefs: { main: base },
    ...(work.head === null || work.head === base ? {} : { setRefs: { main: work.head } }),
    ...(work.table.refs[branch] === undefined ? {} : { removeRefs: [branch] }),
    ...(Object.keys(properties).length === 0 ? {} : { setProperties: properties }),
  };
}

/**
 * Ends a run that failed: drops its branch (also after Ctrl-C; a catalog that is gone leaves it for the next run to
 * drop) and says what became of its rows. An answer to the publication that never came leaves that open.
 */
export async function abandon(
  workspace: Workspace,
  tables: readonly Table[],
  branch: string,
  publication: { readonly asked: boolean; readonly error: unknown },
): Promise<void> {
  await dropBranches(forCleanup(workspace).catalog, tables, branch).catch(() => {});
  const refused = publication.error instanceof PipectlError && publication.error.code === "commit_conflict";
  const names = tables.map(({ id }) => `${id.namespace}.${id.table}`).join(" and ");
  workspace.report(
    publication.asked && !refused
      ? {
          type: "warning",
          text: `the catalog's answer is missing: pipectl validate tells whether ${names} have changed`,
        }
      : { type: "note", text: `nothing was published: ${names} as before` },
  );
}
