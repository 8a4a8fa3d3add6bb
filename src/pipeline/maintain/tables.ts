import { loadTables } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";
import { healthOf, type TableHealth } from "./health.js";

/** How the dataset's tables are; those that are not there yet are left out. */
export async function tables({ catalog, dataset }: Workspace): Promise<TableHealth[]> {
  return Object.values(await loadTables(catalog, dataset)).map(healthOf);
}
