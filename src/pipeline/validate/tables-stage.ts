import type { Verdict } from "../../core/verdict.js";
import { loadTables } from "../../lake/tables.js";
import { healthOf, helpFor } from "../maintain/health.js";
import { martsVerdict } from "../marts/behind.js";
import type { StageCheck, StageContext } from "./stage-check.js";

/** No table needs maintenance, and no mart is behind. It never fails: small files are slow to read, but no row is missing. */
export const tablesCheck: StageCheck = {
  name: "Table maintenance",
  deep: false,
  // When the catalog does not answer, the account's stage fails already.
  optional: true,
  looks: [tablesLook, ({ workspace }) => martsVerdict(workspace)],
};

async function tablesLook({ workspace: { catalog, dataset } }: StageContext): Promise<Verdict> {
  const tables = Object.values(await loadTables(catalog, dataset));
  const needy = tables.map(healthOf).filter(({ verdict }) => verdict !== "ok");
  if (needy.length === 0) return { status: "pass", detail: "no table needs any" };
  const detail = needy.map(({ table, verdict }) => `${table}: ${verdict}`).join("; ");
  return { status: "warn", detail, hint: helpFor(tables) };
}
