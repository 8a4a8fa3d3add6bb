import { loadTables } from "../../lake/tables.js";
import type { Workspace } from "../../workspace/workspace.js";
import { healthOf, helpFor } from "../maintain/health.js";
import { martsVerdict } from "../marts/behind.js";
import { joined, type Stage } from "./result.js";

const base = { stage: 6, name: "Table maintenance" };

/** Stage 6: no table needs upkeep, and no mart is behind. It never fails: small files are slow to read, but they are all there. */
export async function tablesStage(workspace: Workspace): Promise<Stage> {
  const [upkeep, marts] = await Promise.all([tablesVerdict(workspace), martsVerdict(workspace)]);
  return marts === undefined ? upkeep : joined(upkeep, { ...base, ...marts });
}

async function tablesVerdict({ catalog, dataset }: Workspace): Promise<Stage> {
  const tables = Object.values(await loadTables(catalog, dataset));
  const needy = tables.map(healthOf).filter(({ verdict }) => verdict !== "ok");
  if (needy.length === 0) return { ...base, status: "pass", detail: "no table needs any" };
  const detail = needy.map(({ table, verdict }) => `${table}: ${verdict}`).join("; ");
  return { ...base, status: "warn", detail, hint: helpFor(tables) };
}
