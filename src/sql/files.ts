import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, usage } from "../core/errors.js";
import { render, type Templates } from "./render.js";

export type FileName =
  | "00_catalog"
  | "01_source"
  | "05_bronze"
  | "06_silver"
  | "07_streaming_bronze"
  | "08_streaming_silver"
  | "09_replay"
  | "10_backfill"
  | "11_mart";

/** The name of a rendered file: its template's, or one of many that a template is rendered to. */
export type RenderedName = FileName | `11_mart_${string}`;

/** The files of each mode, in the order of submission. */
export const filesOf: Readonly<Record<"batch" | "streaming_bronze", readonly FileName[]>> = {
  batch: ["00_catalog", "01_source", "05_bronze", "06_silver"],
  streaming_bronze: ["00_catalog", "01_source", "07_streaming_bronze", "06_silver", "08_streaming_silver"],
};

/** Renders the templates of these names from `root/templates`. */
export function renderFiles(
  root: string,
  names: readonly FileName[],
  context: Readonly<Record<string, unknown>>,
): Map<FileName, string> {
  const folder = join(root, "templates");
  const partials = readTemplates(join(folder, "partials"));
  const templates = readTemplates(folder);
  return new Map(
    names.map((name) => {
      const template = templates[name];
      if (template === undefined) {
        throw usage("template_missing", `there is no template ${join(folder, `${name}.sql.tmpl`)}`, {
          hint: "git checkout templates",
        });
      }
      return [name, render(name, template, context, partials)];
    }),
  );
}

/** Writes rendered SQL to `root/build/sql/<name>.sql`, each file by a rename. Returns the paths. */
export function writeFiles<N extends RenderedName>(
  root: string,
  files: ReadonlyMap<N, string>,
): Map<N, string> {
  const folder = join(root, "build", "sql");
  mkdirSync(folder, { recursive: true });
  const paths = new Map<N, string>();
  for (const [name, sql] of files) {
    const path = join(folder, `${name}.sql`);
    // A unique name: two commands may render at the same time.
    const fresh = `${path}.${process.pid}.tmp`;
    writeFileSync(fresh, sql);
    renameSync(fresh, path);
    paths.set(name, path);
  }
  return paths;
}

function readTemplates(folder: string): Templates {
  const suffix = ".sql.tmpl";
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(suffix));
    return Object.fromEntries(
      names.map((name) => [name.slice(0, -suffix.length), readFileSync(join(folder, name), "utf8")]),
    );
  } catch (error) {
    throw usage("template_missing", `the templates in ${folder} cannot be read: ${messageOf(error)}`);
  }
}
