import { DamagedRecord } from "../core/record-codec.js";
import { loadTables, type Tables } from "../lake/tables.js";
import type { Workspace } from "../workspace/workspace.js";
import { recordedAccount } from "./account.js";
import { recordedSilver } from "./silver-state.js";

/**
 * The damaged records of the tables, each with the way to repair it. Pure.
 *
 * @throws PipectlError (failed) `state_newer` when a newer pipectl wrote a record
 */
export function damagedRecords({ bronze, silver }: Partial<Tables>): DamagedRecord[] {
  return [() => recordedAccount(bronze), () => recordedSilver(silver)].flatMap((read) => {
    try {
      read();
      return [];
    } catch (error) {
      if (!(error instanceof DamagedRecord)) throw error;
      return [error];
    }
  });
}

/**
 * Called before changing the tables: a change could be lost on a newer pipectl, or mislead it. Damaged records are no obstacle
 * here.
 *
 * @throws PipectlError (failed) `state_newer`
 */
export async function requireKnownVersions({
  catalog,
  dataset,
}: Pick<Workspace, "catalog" | "dataset">): Promise<void> {
  damagedRecords(await loadTables(catalog, dataset));
}
