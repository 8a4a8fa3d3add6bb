import { failed } from "../../core/errors.js";
import { endMaintenance } from "../../execution/leftovers.js";
import type { Table } from "../../iceberg/catalog.js";
import type { Tables } from "../../lake/tables.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";

/** Runs maintenance while no run is active. A dry run takes no lock. */
export async function underLock<T>(
  workspace: Workspace,
  dryRun: boolean,
  work: () => Promise<T>,
): Promise<T> {
  // Checked before the lock, so that a command without a running stack does not create a lock file.
  await workspace.catalog.ping();
  if (dryRun) return await work();
  return await exclusively(workspace, "run", async () => {
    await endMaintenance(workspace);
    return await work();
  });
}

/**
 * The tables that exist, of these kinds.
 *
 * @throws PipectlError (failed) `table_missing` when none of them exists
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
