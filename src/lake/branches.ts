import { failed, PipectlError } from "../core/errors.js";
import type { IcebergCatalog, Snapshot, Table, TableChange } from "../iceberg/catalog.js";
import type { Needs } from "../workspace/workspace.js";

/** pipectl names its branches after their run. Every other branch or tag belongs to somebody else. */
const prefix = "pipectl_";
export const branchOf = (run: string) => `${prefix}${run.replaceAll("-", "_")}`;

const ofOurs = (table: Table) => Object.keys(table.refs).filter((ref) => ref.startsWith(prefix));

/**
 * Runs `write`, which writes to the run's branch of each table. When it fails, or the user presses Ctrl-C, the branches are
 * dropped and readers see what they saw before.
 */
export async function onBranch<T>(
  workspace: Needs<"catalog" | "report" | "unaborted">,
  tables: readonly Table[],
  branch: string,
  write: () => Promise<T>,
): Promise<T> {
  await beginBranches(workspace.catalog, tables, branch);
  try {
    return await write();
  } catch (error) {
    await abandon(workspace, tables, branch);
    throw error;
  }
}

/**
 * Prepares tables for a run: drops branches that earlier, killed runs left behind, and creates this run's branch where
 * readers are now. A table without a snapshot gets its branch from the first write.
 *
 * The branch is created here because a sink that creates it starts the totals of its summary at 0. The tables are taken one
 * after the other, in the order of publication: a rival run that loses its branch of the second table here has already lost
 * its branch of the first, so it publishes neither.
 */
export async function beginBranches(
  catalog: IcebergCatalog,
  tables: readonly Table[],
  branch: string,
): Promise<void> {
  for (const table of tables) {
    const stale = ofOurs(table);
    if (table.current === undefined && stale.length === 0) continue;
    await catalog.commit({
      id: table.id,
      assertRefs: { main: table.current?.id ?? null },
      removeRefs: stale,
      ...(table.current === undefined ? {} : { setRefs: { [branch]: table.current.id } }),
    });
  }
}

/** What a run wrote to its branch of one table. */
export interface BranchWork {
  /** The table as it is now, with the branch. */
  readonly table: Table;
  /** The snapshots on the branch that main does not have, newest first. */
  readonly snapshots: readonly Snapshot[];
  /** The snapshot to publish: the branch's head, or main's head where the run wrote nothing. */
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

/** The same, of the table as the catalog has it now. */
export const writtenTo = async (
  catalog: IcebergCatalog,
  before: Table,
  branch: string,
): Promise<BranchWork> => branchWork(before, (await catalog.table(before.id)) ?? before, branch);

/**
 * When another run drops a branch, the sink that writes to it creates it again, with totals that begin at 0. The rows would be
 * right, but every later count of the table would be wrong. So the branch's totals must go on from those of the table.
 */
function addsUp(before: Table, { snapshots }: BranchWork): boolean {
  let total = before.current === undefined ? 0 : figureOf(before.current, "total-records");
  for (const snapshot of snapshots.toReversed()) {
    const change = (figureOf(snapshot, "added-records") ?? 0) - (figureOf(snapshot, "deleted-records") ?? 0);
    // Iceberg carries no total on from a snapshot that has none, as another engine's may have, nor one below 0.
    total = total === undefined || total + change < 0 ? undefined : total + change;
    if (figureOf(snapshot, "total-records") !== total) return false;
  }
  return true;
}

const figureOf = ({ summary }: Snapshot, name: string): number | undefined =>
  summary[name] === undefined ? undefined : Number(summary[name]);

/**
 * The commit that publishes a branch: main moves to the branch's head, the branch is dropped and `properties` are set, on the
 * condition that main and the branch are still where the run left them. Other branches of pipectl are dropped, too: a run that
 * was killed may have left one after this run began.
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
    assertRefs: { main: base, [branch]: work.table.refs[branch] ?? null },
    ...(work.head === null || work.head === base ? {} : { setRefs: { main: work.head } }),
    removeRefs: ofOurs(work.table),
    ...(Object.keys(properties).length === 0 ? {} : { setProperties: properties }),
  };
}

/**
 * Commits what a run wrote. Ctrl-C waits for the catalog's answer: without it nobody knows what readers see.
 *
 * @param tables whose branches are dropped when the catalog refuses
 */
export async function publish(
  workspace: Needs<"report" | "unaborted">,
  tables: readonly Table[],
  branch: string,
  change: TableChange,
): Promise<void> {
  try {
    await workspace.unaborted.catalog.commit(change);
  } catch (error) {
    // Without an answer the commit may still happen. The next run needs the branches to find out.
    if (error instanceof PipectlError && error.kind === "failed") await abandon(workspace, tables, branch);
    else {
      const text = `the catalog's answer is missing: pipectl validate tells whether ${namesOf(tables)} changed`;
      workspace.report({ type: "warning", text });
    }
    throw error;
  }
}

/** Drops the branches of a run that failed. If the catalog cannot be reached, the next run drops them. */
async function abandon(
  workspace: Needs<"report" | "unaborted">,
  tables: readonly Table[],
  branch: string,
): Promise<void> {
  const { catalog } = workspace.unaborted;
  for (const { id } of tables) {
    try {
      const head = (await catalog.table(id))?.refs[branch];
      if (head === undefined) continue;
      await catalog.commit({ id, assertRefs: { [branch]: head }, removeRefs: [branch] });
    } catch {}
  }
  workspace.report({ type: "note", text: `nothing was published: ${namesOf(tables)} as before` });
}

const namesOf = (tables: readonly Table[]) =>
  tables.map(({ id }) => `${id.namespace}.${id.table}`).join(" and ");
