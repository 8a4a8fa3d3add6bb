import { healthOf, helpFor } from "../maintain/health.js";
import { loadTables } from "../tables.js";
import type { Workspace } from "../workspace.js";
import type { Stage } from "./result.js";

const base = { stage: 6, name: "Table maintenance" };

/** Stage 6: no table needs upkeep. It never fails: small files are slow to read, but they are all there. */
export async function upkeepStage({ catalog, dataset }: Workspace): Promise<Stage> {
  const tables = Object.values(await loadTables(catalog, dataset));
  const needy = tables.flatMap((table) => {
    const { table: name, verdict } = healthOf(table);
    return verdict === "ok" ? [] : [{ text: `${name}: ${verdict}`, hint: helpFor(table) }];
  });
  if (needy.length === 0) return { ...base, status: "pass", detail: "no table needs any" };
  // The longest is the one that names an age.
  const [hint = ""] = needy.map((one) => one.hint).sort((a, b) => b.length - a.length);
  return { ...base, status: "warn", detail: needy.map(({ text }) => text).join("; "), hint };
}
