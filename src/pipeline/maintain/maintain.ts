import { loadTables, type Tables } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";
import { atWork, tablesAmong } from "./at-work.js";
import { type Chores, requireSafeAge } from "./chores.js";
import { type Compaction, compactTables } from "./compact.js";
import { healthOf } from "./health.js";
import { type Repair, repair } from "./repair.js";
import { type Tended, tendTables } from "./upkeep.js";

/** What has been done to a table, in this order; of compaction null where it needed none. */
export type Maintained = { readonly compaction: Compaction | null } & Tended;

export interface MaintainResult {
  /** Streams that were begun anew because another tool had taken what they need. */
  readonly repaired: readonly Repair[];
  readonly tables: readonly Maintained[];
  readonly seconds: number;
}

/**
 * All upkeep in the right order: compaction makes files that nobody needs once its older snapshots have expired, and only
 * then manifests and orphans are looked at. A stream may be at work on the tables.
 *
 * @param how `minFiles`: a table with fewer small files is not compacted; `repair`: first, streams that another tool has broken
 */
export async function maintain(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  how: Required<Chores> & { readonly minFiles: number; readonly repair: boolean; readonly dryRun: boolean },
): Promise<MaintainResult> {
  const { dryRun, minFiles, repair: repairs, ...chores } = how;
  requireSafeAge(chores, dryRun);
  const began = performance.now();
  return await atWork(workspace, dryRun, async () => {
    const repaired = repairs ? await repair(workspace, dryRun) : [];
    const tables = await loadTables(workspace.catalog, workspace.dataset);
    const needy = tablesAmong(workspace, tables, kinds)
      .filter(([, table]) => healthOf(table).smallFiles >= minFiles)
      .map(([kind]) => kind);
    const compactions = needy.length === 0 ? [] : await compactTables(workspace, needy, dryRun);
    const tended = await tendTables(workspace, kinds, chores, dryRun);
    return {
      repaired,
      tables: tended.map(({ table, ...rest }) => {
        const compaction = compactions.find((one) => one.table === table) ?? null;
        return { table, compaction, ...rest };
      }),
      seconds: Math.round(performance.now() - began) / 1000,
    };
  });
}
