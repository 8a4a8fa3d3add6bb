import { isDeepStrictEqual } from "node:util";
import { failed } from "../../core/errors.js";
import { deleteOldState } from "../../execution/delete-state.js";
import { endLeftovers } from "../../execution/leftovers.js";
import type { Table, TableChange } from "../../iceberg/catalog.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import {
  inspectRollback,
  type RollbackInspection,
  type RollbackPlan,
  requireNoUser,
} from "./rollback-plan.js";

/**
 * What a rollback would do; changes nothing.
 *
 * @throws PipectlError as `rollback`
 */
export async function planRollback(
  workspace: Workspace,
  kind: keyof Tables,
  to: string,
): Promise<RollbackPlan> {
  // Checked before the lock, so that a command without a running stack does not create a lock file.
  await workspace.catalog.ping();
  return (await inspectRollback(workspace, kind, to)).plan;
}

/**
 * Sets the branch `main` of a table to a snapshot of its history, or to one that it was rolled back from. From the account and
 * silver's state the next run sees which rows are missing, and ingests them again. A stopped stream's state would not see it,
 * so that is forgotten.
 *
 * @param seen the plan that the user has confirmed
 * @throws PipectlError (usage) `snapshot_unknown`, `snapshot_unrelated`; (failed) `stream_running` while a stream writes to or
 *   reads the table, `publication_unfinished`, `commit_conflict` when the table has changed since `seen`
 */
export async function rollback(workspace: Workspace, kind: keyof Tables, seen: RollbackPlan): Promise<void> {
  if (seen.direction === "none") return;
  await exclusively(workspace, "run", async () => {
    await endLeftovers(workspace);
    const look = await inspectRollback(workspace, kind, seen.to.id);
    const { from } = look.plan;
    if (from.id !== seen.from.id) {
      throw failed(
        "commit_conflict",
        `${seen.table} was at snapshot ${seen.from.id}, and is at ${from.id} now: another program wrote to it`,
        { hint: `pipectl snapshots ${kind}; then the same command again` },
      );
    }
    // Counting the lost records may have taken minutes; a stream may have been started from another machine meanwhile.
    await requireNoUser(workspace, kind);
    await requireAsSeen(workspace, look);
    await commit(workspace, kind, look);
  });
}

/** The properties hold the account and the streams' marks, and this commit overwrites some of them. */
async function requireAsSeen({ catalog, dataset }: Workspace, { tables }: RollbackInspection): Promise<void> {
  const now = await loadTables(catalog, dataset);
  const changed = (Object.entries(tables) as [keyof Tables, Table][]).find(
    ([kind, table]) => !isDeepStrictEqual(now[kind]?.properties, table.properties),
  );
  if (changed === undefined) return;
  throw failed(
    "commit_conflict",
    `${dataset.tables[changed[0]].qualified} was changed by somebody else meanwhile`,
    {
      hint: "pipectl status; then the same command again",
    },
  );
}

async function commit(
  workspace: Workspace,
  kind: keyof Tables,
  { tables, forgotten, plan }: RollbackInspection,
): Promise<void> {
  const { catalog } = workspace;
  const there = Object.entries(tables) as [keyof Tables, Table][];
  const changeOf = (name: keyof Tables, { id, current }: Table): TableChange => {
    const setProperties = forgotten.properties[name];
    const assertRefs = { main: current?.id ?? null };
    return { id, assertRefs, ...(setProperties === undefined ? {} : { setProperties }) };
  };
  // The records come first: a kill or Ctrl-C in between costs a recount, and loses nothing.
  for (const [name, table] of there) {
    if (name !== kind && forgotten.properties[name] !== undefined)
      await catalog.commit(changeOf(name, table));
  }
  await catalog.commit({ ...changeOf(kind, tables[kind] as Table), setRefs: { main: plan.to.id } });
  for (const mark of forgotten.marks) await deleteOldState(workspace, mark);
}
