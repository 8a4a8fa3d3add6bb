import { count, plural } from "../../core/format.js";
import type { Verdict } from "../../core/verdict.js";
import type { Dataset } from "../../dataset/types.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { layoutChanges } from "../../iceberg/layout.js";
import { tableDefinitions, tableKinds } from "../../lake/definitions.js";
import { loadTables, saidOf, type Tables } from "../../lake/tables.js";
import { hasItsRows, readableSilver, rowsByState } from "../../ledger/silver-state.js";
import { healthOf, helpFor } from "../maintain/health.js";
import { martsVerdict } from "../marts/behind.js";
import { type Found, joined, type StageCheck, type StageContext } from "./stage-check.js";

/**
 * No table needs maintenance, and no mart is behind: else it warns, because small files are slow to read, but no row is missing. It fails
 * when another engine has changed how a table is partitioned and the like, and when silver has not the rows that its state says.
 */
export const tablesCheck: StageCheck = {
  name: "Table maintenance",
  deep: false,
  // When the catalog does not answer, the account's stage fails already.
  optional: true,
  looks: [metadataLook, ({ workspace }) => martsVerdict(workspace)],
};

/** The tables are loaded once: their metadata grows with their snapshots. */
async function metadataLook({ workspace: { catalog, dataset } }: StageContext): Promise<Found> {
  const tables = await loadTables(catalog, dataset);
  return [layoutVerdict(dataset, tables), silverRowsVerdict(dataset, tables)].reduce(
    joined,
    healthVerdict(tables),
  );
}

function healthVerdict(loaded: Partial<Tables>): Verdict {
  const tables = Object.values(loaded);
  const needy = tables.map(healthOf).filter(({ verdict }) => verdict !== "ok");
  if (needy.length === 0) return { status: "pass", detail: "no table needs any" };
  const detail = needy.map(({ table, verdict }) => `${table}: ${verdict}`).join("; ");
  return { status: "warn", detail, hint: helpFor(tables) };
}

/** pipectl writes to no such table: INSERT OVERWRITE would replace other rows than planned. */
function layoutVerdict(dataset: Dataset, tables: Partial<Tables>): Verdict {
  const definitions = tableDefinitions(dataset);
  const different = tableKinds.flatMap((kind) => {
    const table = tables[kind];
    if (table === undefined) return [];
    const changes = layoutChanges(table, definitions[kind].partitionBy);
    return changes.map((change) => `${dataset.tables[kind].qualified}: ${saidOf(change)}`);
  });
  if (different.length === 0) return { status: "pass", detail: "" };
  return { status: "fail", detail: different.join("; "), hint: "pipectl dataset apply" };
}

function silverRowsVerdict(dataset: Dataset, { silver }: Partial<Tables>): Verdict {
  const state = readableSilver(silver);
  if (silver === undefined || state === undefined || hasItsRows(silver, state))
    return { status: "pass", detail: "" };
  const [has, says] = [totalRecords(silver.current), rowsByState(silver, state) ?? 0];
  return {
    status: "fail",
    detail: `${dataset.tables.silver.qualified} has ${plural(has, "row")}, and pipectl made ${count(says)}: another program wrote to it`,
    hint:
      state.stream === undefined || state.stream.stopped !== undefined
        ? "pipectl process-silver"
        : "pipectl stop, then: pipectl process-streaming --silver",
  };
}
