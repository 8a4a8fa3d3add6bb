import { failed } from "../../core/errors.js";
import { endMaintenance } from "../../execution/leftovers.js";
import type { Table } from "../../iceberg/catalog.js";
import type { Tables } from "../../lake/tables.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";

/** Does upkeep while no run is at work; a dry run disturbs nobody. */
export async function underLock<T>(
  workspace: Workspace,
  dryRun: boolean,
  work: () => Promise<T>,
): Promise<T> {
  // Before the lock: a command that finds no stack leaves no file of one.
  await workspace.catalog.ping();
  if (dryRun) return await work();
  return await exclusively(workspace, "run", async () => {
    await endMaintenance(workspace);
    return await work();
  });
}

/**
 * Those of the tables that are there.
 *
 * @throws PipectlError (failed) `table_missing` where none of them is
 */
export function tablesAmong(
  { dataset }: Workspace,
  tables: Partial<Tables>,
  kinds: readonly (keyof Tables)[],
): (readonly [kind: keyof Tables, table: Table])[] {
  const found = kinds.flatMap((kind) => {
    const table = tables[kind];
    return table === undefined ? [] : [[kind, table] as const];
  });
  if (found.length > 0) return found;
  const names = kinds.map((kind) => dataset.tables[kind].qualified).join(", ");
  throw failed("table_missing", `there is no table ${names}`, { hint: "pipectl process creates it" });
}
