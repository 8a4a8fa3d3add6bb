import type { ColumnKind } from "../column-type.js";

/** The guess for a column, or for a field within one. */
export type Guess =
  | { readonly type: string; readonly reason: string }
  /** The field gets no column: `extra_fields` keeps its values unchanged. */
  | { readonly leftOut: string };

/** The type in the file's schema. Values may still contradict it. */
export interface Declared {
  readonly kind: "number" | Exclude<ColumnKind, "integer" | "float" | "decimal">;
  /** SQL type; a nested type consists of its parts. */
  readonly type: string;
  /** The reason, in the file format's own terms. */
  readonly reason: string;
  /** Fields of a row. */
  readonly fields?: ReadonlyMap<string, Declared>;
  /** Element of an array or a map. */
  readonly element?: Declared;
}

/** Text of an input (latin1) for display: short, on one line, and decoded. */
export function shown(text: string): string {
  const whole = Buffer.from(text, "latin1").toString("utf8");
  const characters = [...whole];
  return JSON.stringify(characters.length > 40 ? `${characters.slice(0, 39).join("")}…` : whole);
}
