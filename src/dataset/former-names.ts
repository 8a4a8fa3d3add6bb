import { formerIncarnationColumn, incarnationColumn, underNameOfNow } from "./incarnation.js";
import type { Path } from "./manifest-file.js";

/** Where SQL stands in a manifest; list indexes are `*`. */
const sqlPlaces: ReadonlySet<string> = new Set([
  ...["silver.filters.*", "silver.partition_by.expr", "silver.derived.*.expr"],
  ...["quality.*.sql", "quality.*.where"],
]);
const namePlace = "silver.natural_key.*";

/** A manifest under the names of now, and where it had names of an earlier version. */
export interface Renamed {
  readonly content: unknown;
  readonly former: readonly Path[];
}

/** Pure: what is no manifest at all comes back as it is. */
export function underNamesOfNow(content: unknown): Renamed {
  const former: Path[] = [];
  const walk = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((one, i) => walk(one, [...path, i]));
    if (typeof value === "string") {
      const renamed = renamedAt(value, path);
      if (renamed !== value) former.push(path);
      return renamed;
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one, [...path, key])]));
  };
  return { content: walk(content, []), former };
}

/** A text of the manifest under the names of now; `text` may also be how YAML writes it. */
export function renamedAt(text: string, path: Path): string {
  const place = path.map((step) => (typeof step === "number" ? "*" : String(step))).join(".");
  if (sqlPlaces.has(place)) return underNameOfNow(text);
  return place === namePlace && text === formerIncarnationColumn ? incarnationColumn : text;
}

/** What is said of each place, behind `file:line: `. */
export const formerNameNote = `${formerIncarnationColumn} is called ${incarnationColumn} now: pipectl dataset apply --rewrite-manifest changes it in the file`;
