import { type RunContext, sqlContext } from "../../execution/sql-context.js";
import { canFollow } from "../../ledger/silver-state.js";
import { type FileName, filesOf, type RenderedName, renderFiles, writeFiles } from "../../sql/files.js";
import type { Workspace } from "../../workspace/workspace.js";
import { loadMarts, sayNotes } from "../marts/mart.js";

export interface BuiltFile {
  readonly path: string;
  readonly sql: string;
}

/**
 * Renders the templates of MODE to `build/sql`, as far as they are known without a running service: a run replaces
 * `earliest-offset` and `latest-offset` with exact offsets, and uses its own branch and job names.
 */
export function buildSql(workspace: Workspace): BuiltFile[] {
  const { config, dataset, runtime, report } = workspace;
  const render = (names: readonly FileName[], more: Partial<RunContext> = {}) =>
    renderFiles(config.root, names, sqlContext(config, dataset, runtime.inside, { run: "preview", ...more }));
  const names = filesOf[config.values.MODE].filter(
    (name) => name !== "08_streaming_silver" || canFollow(dataset),
  );
  const files = new Map<RenderedName, string>(render(names));
  const marts = loadMarts(config.root, dataset);
  sayNotes(report, marts);
  for (const mart of marts)
    files.set(`11_mart_${mart.name}`, render(["11_mart"], { mart }).get("11_mart") as string);
  const paths = writeFiles(config.root, files);
  return [...files].map(([name, sql]) => ({ path: paths.get(name) as string, sql }));
}
