import { usage } from "../../core/errors.js";
import type { Column, Dataset } from "../types.js";

/** One column of an input: its field name, and the dataset's column if it has one. */
export interface Field {
  /** Field name in the record: the source name, or the input's own name for an unknown column. */
  readonly name: string;
  readonly column: Column | undefined;
}

/**
 * Finds the dataset's columns in an input's header. Unknown columns keep their names, and the pipeline stores them as extra
 * fields.
 *
 * @param where names the input in errors
 * @throws usage error `input_columns` that names every duplicate and every missing column at once
 */
export function resolveFields(dataset: Dataset, names: readonly string[], where: string): Field[] {
  const spelled = spellings(dataset);
  const problems: string[] = [];
  const sentAs = new Map<string, string>();
  const fields = names.map((name): Field => {
    const column = spelled.get(name);
    const field = { name: column?.source ?? name, column };
    const earlier = sentAs.get(field.name);
    if (earlier === name) problems.push(`the column ${JSON.stringify(name)} is there twice`);
    else if (earlier !== undefined)
      problems.push(`the columns ${earlier} and ${name} both are ${field.name}`);
    sentAs.set(field.name, name);
    return field;
  });
  const unknown = fields.filter((field) => !field.column).map((field) => field.name);
  for (const column of dataset.columns) {
    if (column.required && !sentAs.has(column.source)) problems.push(missing(column, unknown));
  }
  if (problems.length > 0) {
    throw usage(
      "input_columns",
      `${where} does not fit the dataset ${dataset.name}:\n  ${problems.join("\n  ")}`,
      {
        hint: `Rename the columns, or add an alias to ${dataset.path}. Nothing was sent.`,
      },
    );
  }
  return fields;
}

/** Every spelling of every column, including its own name. */
export function spellings(dataset: Dataset): ReadonlyMap<string, Column> {
  return new Map(
    dataset.columns.flatMap((column) => [column.source, ...column.aliases].map((name) => [name, column])),
  );
}

function missing(column: Column, unknown: readonly string[]): string {
  const known = [column.source, ...column.aliases];
  const near = unknown.find((name) => known.some((candidate) => isNear(candidate, name)));
  const aliases = column.aliases.length > 0 ? ` (or ${column.aliases.join(", ")})` : "";
  const hint = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
  return `the column ${column.source}${aliases} is missing${hint}`;
}

const letters = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** True when the names differ only in case and punctuation, or by at most two edits. */
function isNear(a: string, b: string): boolean {
  const [left, right] = [letters(a), letters(b)];
  return left === right || (Math.min(left.length, right.length) > 3 && distance(left, right) <= 2);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
