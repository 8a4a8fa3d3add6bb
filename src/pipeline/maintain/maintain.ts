import { loadTables, type Tables } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Compaction, compactTables } from "./compact.js";
import { compactFrom, healthOf } from "./health.js";
import { type MaintainedTable, maintainUnderLock } from "./maintain-tables.js";
import { type MaintenancePlan, requireSafeAge } from "./maintenance-plan.js";
import { type Repair, repair } from "./repair.js";
import { tablesAmong, underLock } from "./under-lock.js";

/** What was done to a table, in this order; `compaction` is null when it needed none: then `compactFrom` says when it would. */
export type Maintained = {
  readonly compaction: Compaction | null;
  readonly smallFiles: number;
  readonly files: number;
  readonly compactFrom: number;
} & MaintainedTable;

export interface MaintainResult {
  /** Streams that were restarted because another tool had removed what they need. */
  readonly repaired: readonly Repair[];
  readonly tables: readonly Maintained[];
  readonly seconds: number;
}

/**
 * All maintenance in the right order: compaction leaves files unused once its older snapshots have expired, and only after
 * that manifests and orphans are handled. A stream may be writing to the tables.
 *
 * @param how `minFiles`: a table with fewer small files is not compacted, by default see `compactFrom`; `repair`: first repair streams that another tool has
 *   broken
 */
export async function maintain(
  workspace: Workspace,
  kinds: readonly (keyof Tables)[],
  how: Required<MaintenancePlan> & {
    readonly minFiles: number | undefined;
    readonly repair: boolean;
    readonly dryRun: boolean;
  },
): Promise<MaintainResult> {
  const { dryRun, minFiles, repair: repairs, ...plan } = how;
  requireSafeAge(plan, dryRun);
  const began = performance.now();
  return await underLock(workspace, dryRun, async () => {
    const repaired = repairs ? await repair(workspace, dryRun) : [];
    const tables = await loadTables(workspace.catalog, workspace.dataset);
    const found = tablesAmong(workspace, tables, kinds).map(([kind, table]) => {
      const { smallFiles, files } = healthOf(table);
      return { kind, smallFiles, files, compactFrom: minFiles ?? compactFrom({ smallFiles, files }) };
    });
    const needy = found.filter((one) => one.smallFiles >= one.compactFrom).map(({ kind }) => kind);
    const compactions = needy.length === 0 ? [] : await compactTables(workspace, needy, dryRun);
    const maintained = await maintainUnderLock(workspace, kinds, plan, dryRun);
    return {
      repaired,
      tables: maintained.map(({ table, ...rest }, i) => {
        const compaction = compactions.find((one) => one.table === table) ?? null;
        const { kind: _, ...figures } = found[i] as (typeof found)[number];
        return { table, compaction, ...figures, ...rest };
      }),
      seconds: Math.round(performance.now() - began) / 1000,
    };
  });
}
