import { failed } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import { layoutChanges } from "../../iceberg/layout.js";
import { tableDefinitions } from "../../lake/definitions.js";
import { evolutionOf, loadTables } from "../../lake/tables.js";
import { recordSilver, type SilverState, silverIn } from "../../ledger/silver-state.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Restarted, whileStopped } from "../stream/while-stopped.js";
import { type Backfill, backfillRows, findBackfill, nothingToFill } from "./backfill.js";
import { type DiffResult, differences } from "./diff.js";
import { rewriteFiles } from "./rewrite-files.js";
import { stateAfter } from "./silver-rules.js";

export interface ApplyResult extends DiffResult {
  /** False when there was nothing to change. */
  readonly applied: boolean;
  /** Streams that were stopped with a savepoint and started again. */
  readonly restarted: readonly Restarted[];
  /** Null when it was not requested. */
  readonly backfill: Backfill | null;
  /** Files of the dataset that have got the names of now. */
  readonly rewritten: readonly string[];
  readonly seconds: number;
}

export interface ApplyOptions {
  /** Also gives old rows the values that their extra fields have for new columns: bronze is written anew. */
  readonly backfill: boolean;
  /** Also puts the names of now into the files of the dataset. */
  readonly rewriteManifest: boolean;
}

/**
 * Silver before bronze: after a kill in between, the new columns are still missing in bronze, so that the next call knows that
 * no row of bronze has a value for them.
 */
const order = ["silver", "dlq", "bronze"] as const;

/**
 * Changes the tables to what the manifest describes, by metadata alone: no file is rewritten. Streams are stopped with a
 * savepoint and continue with the new columns. The next call completes one that was killed.
 *
 * @throws PipectlError (failed) `change_refused` before anything has changed
 */
export async function applyManifest(
  workspace: Workspace,
  { backfill, rewriteManifest }: ApplyOptions,
): Promise<ApplyResult> {
  const began = performance.now();
  await workspace.catalog.ping();
  return await exclusively(workspace, "run", async () => {
    const tables = await loadTables(workspace.catalog, workspace.dataset);
    const diff = differences(workspace.dataset, tables);
    requireAllowed(diff);
    const applied = diff.tables.some(({ changes, layout }) => changes.length + layout.length > 0);
    // Columns without changes: streams are only stopped if there are rows to backfill.
    const found = backfill && !applied ? await findBackfill(workspace, tables.bronze) : nothingToFill;
    const work = async () => {
      if (applied) await change(workspace, diff);
      if (!backfill) return null;
      return await backfillRows(workspace, applied ? await findBackfill(workspace, tables.bronze) : found);
    };
    const { restarted, result } =
      applied || found.rows > 0
        ? await whileStopped(workspace, work)
        : { restarted: [], result: backfill ? found : null };
    const rewritten = rewriteManifest ? await rewriteFiles(workspace) : [];
    const seconds = Math.round(performance.now() - began) / 1000;
    return { ...diff, applied, restarted, backfill: result, rewritten, seconds };
  });
}

function requireAllowed({ dataset, tables }: DiffResult): void {
  const refused = tables.flatMap(({ table, refusals }) =>
    refusals.map(({ column, why, instead }) => `${table}, ${column}: ${why}. Instead: ${instead}`),
  );
  if (refused.length === 0) return;
  throw failed(
    "change_refused",
    `the tables of ${dataset} cannot become what its manifest describes:\n  ${refused.join("\n  ")}`,
    {
      hint: "nothing has changed; pipectl dataset diff shows all that differs",
    },
  );
}

async function change(workspace: Workspace, diff: DiffResult): Promise<void> {
  const { catalog, dataset, report } = workspace;
  const definitions = tableDefinitions(dataset);
  const inBronze = diff.tables.find(({ kind }) => kind === "bronze")?.changes ?? [];
  for (const kind of order) {
    const table = await catalog.table(dataset.tables[kind]);
    if (table === undefined) continue;
    const { changes, fields, lastColumnId } = evolutionOf(table, definitions[kind]);
    const { partitionBy } = definitions[kind];
    const relaid = layoutChanges(table, partitionBy);
    const number = changes.length + relaid.length;
    const state = kind === "silver" ? stateAfter({ silver: table }, inBronze, dataset) : undefined;
    // If silver only computes from a widened column, none of silver's columns changes, but its rows may.
    if (number === 0 && state !== undefined) await recordSilver(workspace, table, state);
    if (number === 0) continue;
    report({ type: "step", text: `${dataset.tables[kind].qualified}: ${plural(number, "change")}` });
    await catalog.alter({
      ...{ table, fields, lastColumnId, partitionBy },
      setProperties: state === undefined ? {} : silverIn(relaid.length > 0 ? withoutSpec(state) : state),
    });
  }
}

/** What lies in between may have been written, or rewritten, by another spec. */
function withoutSpec({ spec: _, ...state }: SilverState): SilverState {
  return state;
}
