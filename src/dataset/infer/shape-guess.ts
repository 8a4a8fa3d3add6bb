import { quoted } from "../../core/sql-quotes.js";
import type { Declared, Guess } from "./guess.js";
import { shown } from "./guess.js";
import { scalarGuess } from "./scalar-guess.js";
import { keysAreData, Shape, type ShapeField } from "./shape.js";

const tooDeep: Guess = { leftOut: "nested too deep" };

/** The type of a field in JSON records, including its nested parts. */
export function shapeGuess(shape: Shape, declared?: Declared): Guess {
  const kinds = [
    shape.objects > 0 ? "objects" : "",
    shape.arrays > 0 ? "arrays" : "",
    shape.scalars.values > 0 ? "plain values" : "",
  ].filter((kind) => kind !== "");
  if (shape.deep > 0) return tooDeep;
  if (kinds.length > 1) return { leftOut: `${kinds.join(" as well as ")}: no type takes both` };
  if (kinds.length === 0 && declared) return { type: declared.type, reason: declared.reason };
  if (shape.objects > 0) return objectGuess(shape, declared);
  if (shape.arrays > 0) return arrayGuess(shape, declared);
  return scalarGuess(shape.scalars, declared);
}

function arrayGuess({ element }: Shape, declared?: Declared): Guess {
  if (!element || element.seen === element.nulls) {
    const type = declared?.element?.type ?? "STRING";
    return {
      type: `ARRAY<${type}>`,
      reason: declared?.reason ?? "arrays without elements: their type is not known",
    };
  }
  const guess = shapeGuess(element, declared?.element);
  if ("leftOut" in guess) return guess === tooDeep ? guess : { leftOut: `arrays of ${guess.leftOut}` };
  return { type: `ARRAY<${guess.type}>`, reason: declared?.reason ?? `arrays of ${guess.reason}` };
}

function objectGuess(shape: Shape, declared?: Declared): Guess {
  const fields = shape.used;
  if (shape.values || declared?.kind === "map")
    return mapGuess(shape, declared?.reason ?? "objects with ever new keys", declared);
  if (fields.length === 0) {
    return { type: "MAP<STRING, STRING>", reason: "objects without fields: what they may hold is not known" };
  }
  if (keysAreData(shape))
    return mapGuess(shape, `objects of ${fields.length} different keys, each of them rare`);
  const unfit = unfitName(fields);
  if (unfit !== undefined) return mapGuess(shape, unfit);
  const parts: string[] = [];
  for (const { name, shape: inner } of fields) {
    const text = utf8(name);
    const guess = shapeGuess(inner, declared?.fields?.get(text));
    if ("leftOut" in guess) return { leftOut: `objects whose field ${shown(name)} holds ${guess.leftOut}` };
    parts.push(`${quoted(text)} ${guess.type}`);
  }
  const reason = declared?.reason ?? "objects of the same fields";
  return {
    type: `ROW<${parts.join(", ")}>`,
    reason: `${reason}; a field that is not among them makes a dead letter`,
  };
}

function mapGuess(shape: Shape, why: string, declared?: Declared): Guess {
  const values =
    shape.values ??
    shape.fields.reduce((all, { shape }) => merged(all, shape), undefined as Shape | undefined);
  if (!values) return { type: declared?.type ?? "MAP<STRING, STRING>", reason: why };
  for (const { shape: inner } of shape.values ? shape.fields : []) values.merge(inner);
  const guess = shapeGuess(values, declared?.element);
  if ("leftOut" in guess) return { leftOut: `${why}, whose values are ${guess.leftOut}` };
  return { type: `MAP<STRING, ${guess.type}>`, reason: why };
}

function merged(all: Shape | undefined, shape: Shape): Shape {
  const sum = all ?? new Shape();
  sum.merge(shape);
  return sum;
}

/** Why the names cannot be a ROW's field names; unlike columns, such fields cannot be renamed. */
function unfitName(fields: readonly ShapeField[]): string | undefined {
  const taken = new Set<string>();
  for (const { name } of fields) {
    const text = utf8(name);
    const lower = text.toLowerCase();
    if (text === "" || text.length > 255 || /[.\p{Cc}]/u.test(text) || taken.has(lower))
      return `objects with the key ${shown(name)}, which no field of a ROW can have`;
    taken.add(lower);
  }
  return undefined;
}

const utf8 = (name: string) => Buffer.from(name, "latin1").toString("utf8");
