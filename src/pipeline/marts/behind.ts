import { PipectlError } from "../../core/errors.js";
import type { Verdict } from "../../core/verdict.js";
import type { Workspace } from "../../workspace/workspace.js";
import { loadMarts, type Mart } from "./mart.js";
import { recordedMart, whyBehind } from "./mart-state.js";

/**
 * Part of a stage: the marts whose rows are not the result of their queries over the current tables; undefined when there are no
 * marts. Uses only the catalog.
 */
export async function martsVerdict(workspace: Workspace): Promise<Verdict | undefined> {
  const { config, dataset } = workspace;
  let marts: readonly Mart[];
  try {
    marts = loadMarts(config.root, dataset);
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return { status: "warn", detail: error.message.replace(/\n\s*/g, " "), hint: "pipectl build-sql" };
  }
  if (marts.length === 0) return undefined;
  const whys = await Promise.all(marts.map((mart) => why(workspace, mart)));
  const behind = whys.filter((text) => text !== undefined);
  if (behind.length === 0) return { status: "pass", detail: "marts are up to date" };
  // A stream is always ahead of the marts.
  const status = config.values.MODE === "batch" ? "warn" : "pass";
  return { status, detail: behind.join("; "), hint: "pipectl process-marts" };
}

async function why(workspace: Workspace, mart: Mart): Promise<string | undefined> {
  const { catalog, dataset } = workspace;
  const { qualified } = mart.table;
  const table = await catalog.table(mart.table);
  if (table === undefined) return `${qualified}: never made`;
  try {
    const found = await whyBehind(catalog, table, recordedMart(table, dataset, mart), mart);
    return found === undefined ? undefined : `${qualified}: ${found}`;
  } catch (error) {
    if (!(error instanceof PipectlError) || !["mart_table_taken", "state_newer"].includes(error.code))
      throw error;
    return error.message;
  }
}
