import { filesOf, renderFiles, writeFiles } from "../sql/files.js";
import { canFollow } from "./silver-state.js";
import { sqlContext } from "./sql-context.js";
import type { Workspace } from "./workspace.js";

export interface BuiltFile {
  readonly path: string;
  readonly sql: string;
}

/**
 * Renders the templates of MODE to `build/sql`, as far as they are known without a running service: a run puts exact
 * offsets where `earliest-offset` and `latest-offset` stand, and its own branch and job names.
 */
export function buildSql(workspace: Workspace): BuiltFile[] {
  const { config, dataset, runtime } = workspace;
  const context = sqlContext(config, dataset, runtime.inside, { run: "preview" });
  const names = filesOf[config.values.MODE].filter(
    (name) => name !== "08_streaming_silver" || canFollow(dataset),
  );
  const files = renderFiles(config.root, names, context);
  const paths = writeFiles(config.root, files);
  return [...files].map(([name, sql]) => ({ path: paths.get(name) as string, sql }));
}
