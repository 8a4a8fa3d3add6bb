import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { usage } from "../../core/errors.js";
import { plural } from "../../core/format.js";
import type { Report } from "../../core/report.js";
import { formerNameNote } from "../../dataset/former-names.js";
import { underNameOfNow } from "../../dataset/incarnation.js";
import type { Dataset, TableName } from "../../dataset/types.js";
import { readSelect } from "../../sql/select.js";
import { type NamedMart, orderProblem } from "./order.js";

/** A gold table: one query over silver, other tables of the lake, or other marts. */
export interface Mart extends NamedMart {
  /** Path of its file, relative to the project's root. */
  readonly file: string;
  /** Under the names of now, whatever its file says. */
  readonly sql: string;
  /** The line of the file on which the query begins, from 1. */
  readonly line: number;
  readonly description: string;
  /** What is right in its file, but of an earlier version, as `file:line: …`. */
  readonly notes: readonly string[];
}

export const martsFolder = (root: string, dataset: string): string =>
  join(root, "datasets", dataset, "marts");

/**
 * The marts of a dataset: every `.sql` file of `datasets/<name>/marts/`, by name. Empty when there is no such folder.
 *
 * @throws PipectlError (usage) `mart_invalid` with all problems at once, as `file:line: …`
 */
export function loadMarts(root: string, dataset: Dataset): Mart[] {
  const folder = martsFolder(root, dataset.name);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  const problems: string[] = [];
  const marts = files.flatMap((name) => {
    const mart = readMart(root, dataset, join(folder, name));
    if (!("problem" in mart)) return [mart];
    problems.push(mart.problem);
    return [];
  });
  problems.push(...tableProblems(dataset, marts));
  const circle = problems.length === 0 ? orderProblem(marts) : undefined;
  if (circle !== undefined) problems.push(circle);
  if (problems.length === 0) return marts;
  const which = `${plural(problems.length, "problem")} in the marts of ${dataset.name}`;
  throw usage("mart_invalid", `${which}:\n  ${problems.join("\n  ")}`, {
    hint: "docs/datasets.md#gold; pipectl build-sql looks at them again",
  });
}

function readMart(root: string, dataset: Dataset, path: string): Mart | { readonly problem: string } {
  const file = relative(root, path);
  const name = path.slice(path.lastIndexOf("/") + 1, -".sql".length);
  if (!/^[a-z][a-z0-9_]{0,99}$/.test(name))
    return { problem: `${file}: its name must be snake_case (a-z, 0-9 and '_'), up to 100 characters` };
  const written = readFileSync(path, "utf8");
  const text = underNameOfNow(written);
  const select = readSelect(file, text);
  if ("message" in select) return { problem: `${file}:${select.line}: ${select.message}` };
  const { table, description, problem } = headOf(text, `gold.${dataset.name}_${name}`);
  if (problem !== undefined) return { problem: `${file}:${problem}` };
  const [namespace = "", tableOnly = ""] = table.split(".");
  const notes = changedLines(written, text).map((line) => `${file}:${line}: ${formerNameNote}`);
  return {
    name,
    file,
    ...select,
    description,
    notes,
    table: { namespace, table: tableOnly, qualified: table },
  };
}

/** Lines, from 1, in which two texts of as many lines differ. */
function changedLines(before: string, after: string): number[] {
  const now = after.split("\n");
  return before.split("\n").flatMap((line, at) => (line === now[at] ? [] : [at + 1]));
}

/** Says what of marts is of an earlier version. */
export function sayNotes(report: Report, marts: readonly Mart[]): void {
  for (const text of marts.flatMap(({ notes }) => notes)) report({ type: "note", text });
}

/** The comment lines at the head of a file: the table, if they name one, and the description. */
function headOf(text: string, fallback: string) {
  const lines = /^(?:[ \t]*(?:--[^\n]*)?\r?\n)*/.exec(text)?.[0].split("\n") ?? [];
  let table = fallback;
  let problem: string | undefined;
  const words: string[] = [];
  for (const [at, line] of lines.entries()) {
    const said = line.replace(/^\s*--+/, "").trim();
    const named = /^table:\s*(.*)$/.exec(said)?.[1];
    if (named === undefined) words.push(said);
    else if (/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/.test(named)) table = named;
    else problem = `${at + 1}: table: must be namespace.table in snake_case`;
  }
  return { table, description: words.join(" ").replace(/\s+/g, " ").trim(), problem };
}

/** Each mart needs a table of its own, because that is rewritten completely. */
function tableProblems({ tables }: Dataset, marts: readonly Mart[]): string[] {
  const taken = new Map<string, string>(
    Object.values(tables).map(({ qualified }: TableName) => [qualified, "a table of the dataset itself"]),
  );
  return marts.flatMap(({ file, table: { qualified } }) => {
    const owner = taken.get(qualified);
    taken.set(qualified, `that of ${file}`);
    return owner === undefined ? [] : [`${file}: its table ${qualified} is also ${owner}`];
  });
}
