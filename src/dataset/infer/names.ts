import { bronzeOwnColumns, sourceOwnColumns } from "../references.js";

/** Letters that Unicode normalization does not simplify: it only removes accents. */
const plainForms: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  þ: "th",
  ı: "i",
};

/** Longer names are cut, so that there is room for a suffix. */
const longestMade = 100;

/** Hands out names that are all different, even without regard to case. */
export class Names {
  readonly #taken = new Set<string>();

  constructor(taken: readonly string[] = []) {
    for (const name of taken) this.#taken.add(name.toLowerCase());
  }

  isFree(name: string): boolean {
    return !this.#taken.has(name.toLowerCase());
  }

  /** The name itself, or with `_2`, `_3`, … appended. */
  take(name: string): string {
    let free = name;
    for (let n = 2; !this.isFree(free); n++) free = `${name}_${n}`;
    this.#taken.add(free.toLowerCase());
    return free;
  }
}

/**
 * The columns' names in bronze: the fields' own names, unless a table cannot have such a column.
 *
 * @param sources names of fields, all different, that can have columns
 */
export function columnNames(sources: readonly string[]): string[] {
  const names = new Names(bronzeOwnColumns);
  // Names that can be kept are taken first, so that no generated name takes one of them.
  const kept = sources.map((source) => isFit(source) && names.isFree(source) && names.take(source));
  return sources.map((source, index) => kept[index] || names.take(madeName(source)));
}

/** A dot would look like a path into a nested column. */
const isFit = (name: string) => !name.includes(".");

const madeName = (source: string) => source.replaceAll(".", "_").slice(0, longestMade);

/** Why a field of that name cannot have a column, whatever the column's name; undefined when it can. */
export function fieldProblem(source: string): string | undefined {
  if (source === "") return "it has no name";
  if (!/^[^\p{Cc}\p{Cs}]{1,255}$/u.test(source))
    return "its name has a control character, or more than 255 characters";
  if (sourceOwnColumns.includes(source)) return "its name stands for what pipectl itself knows of a record";
  return undefined;
}

/** Names in silver: snake_case, plain ASCII, all different. */
export function silverNames(sources: readonly string[], names: Names): string[] {
  return sources.map((source, index) => names.take(snakeCase(source, index + 1)));
}

/** @param position of the column, from 1: used as the name when none of its letters can be written in ASCII */
export function snakeCase(source: string, position: number): string {
  const simple = [...source.normalize("NFKD").replace(/\p{M}/gu, "")]
    .map((letter) => {
      const form = plainForms[letter.toLowerCase()];
      if (form === undefined) return letter;
      return letter === letter.toLowerCase() ? form : `${form.charAt(0).toUpperCase()}${form.slice(1)}`;
    })
    .join("");
  const snake = simple
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, longestMade)
    .replace(/_+$/, "");
  if (/^[a-z]/.test(snake)) return snake;
  // The digits may only be used alone if no letters were lost.
  return snake === "" || /\p{L}/u.test(simple.replace(/[a-z]/gi, "")) ? `col_${position}` : `col_${snake}`;
}
