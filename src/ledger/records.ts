import { DamagedRecord } from "../core/record-codec.js";
import { loadTables, type Tables } from "../lake/tables.js";
import type { Workspace } from "../workspace/workspace.js";
import { recordedAccount } from "./account.js";
import { recordedSilver } from "./silver-state.js";

/**
 * What cannot be read of the records that the tables have: each with its way back. Pure.
 *
 * @throws PipectlError (failed) `state_newer` where a newer pipectl has written one
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
 * For whoever is about to change something: that would be lost on a newer pipectl, or would mislead it. A damaged record
 * stops nobody here.
 *
 * @throws PipectlError (failed) `state_newer`
 */
export async function requireKnownVersions({
  catalog,
  dataset,
}: Pick<Workspace, "catalog" | "dataset">): Promise<void> {
  damagedRecords(await loadTables(catalog, dataset));
}
