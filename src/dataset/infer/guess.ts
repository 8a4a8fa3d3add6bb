import type { ColumnKind } from "../column-type.js";

/** What becomes of a column, or of a place within one. */
export type Guess =
  | { readonly type: string; readonly reason: string }
  /** It gets no column: `extra_fields` keeps its values as they are. */
  | { readonly leftOut: string };

/** What the schema of a file says about a place; values may still speak against it. */
export interface Declared {
  readonly kind: "number" | Exclude<ColumnKind, "integer" | "float" | "decimal">;
  /** SQL type; of a nested one it is made of its parts. */
  readonly type: string;
  /** In the file's own words. */
  readonly reason: string;
  /** Of a row. */
  readonly fields?: ReadonlyMap<string, Declared>;
  /** Of an array or a map. */
  readonly element?: Declared;
}

/** Text of an input (latin1), as it may be shown: short, on one line, and with its true characters. */
export function shown(text: string): string {
  const whole = Buffer.from(text, "latin1").toString("utf8");
  const characters = [...whole];
  return JSON.stringify(characters.length > 40 ? `${characters.slice(0, 39).join("")}…` : whole);
}
