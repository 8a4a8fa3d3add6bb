import { fromText, toBytes } from "../inputs/row-encoder.js";
import { ownCopy } from "./evidence.js";
import {
  type BareKind,
  backslash,
  bareEnd,
  closeBrace,
  closeBracket,
  colon,
  comma,
  escapeLength,
  hasHalfPair,
  kindOfBare,
  openBrace,
  openBracket,
  quote,
  skipSpace,
} from "./json-text.js";
import { manyFields, maxFields, Shape, type ShapeField } from "./shape.js";

/** The maximum depth of types, the same as a manifest's (column-type.ts). */
const maxTypeDepth = 16;
/** Records deeper than this are dead letters. */
const maxDepth = 1000;
/** Total number of shapes, about 50 MB. Beyond it, fields are no longer distinguished by name. */
const maxShapes = 50_000;
/** A longer name makes the record a dead letter, as in the strict reader's parser. So do numbers that NumberScan refuses. */
const longestName = 50_000;

/**
 * Number of a record's values that are kept until it is known whether they count. A record with more values is walked twice
 * instead.
 */
const maxKept = 10_000;

type Kind = BareKind | "object" | "array" | "deep" | "text";

/** Called with the number of a column and the text (latin1) of a record's scalar in it. */
export type OnScalar = (column: number, text: string) => void;

/**
 * Collects from JSON records. A record is walked to its end before any of its values count: a record that the strict reader
 * refuses (no JSON, a duplicate field, half a surrogate pair) must not widen a type. This is own code, because JSON.parse
 * drops digits and duplicate fields, and needs 200 MB for ten megabytes of `[{},{},…`.
 */
export class JsonWalk {
  readonly root = new Shape();
  #text = "";
  #objects = 0;
  #shapes = 1;
  #isRefused = false;
  #hasEscape = false;
  #record = 0;
  #onScalar: OnScalar = () => {};
  /** True when the current record was walked once and is valid: now its values count. */
  #isSure = false;
  #count = 0;
  /** Values of the current record, in their order. */
  #places: Shape[] = [];
  #kinds: Kind[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  #columns: number[] = [];
  #grown: Shape[] = [];

  /**
   * Adds one record.
   *
   * @param text UTF-8 bytes, as latin1
   * @param number number of the record in the input, from 1
   * @returns false when it is not a JSON object, or would be a dead letter by itself: then nothing was noted
   */
  record(text: string, number: number, onScalar: OnScalar): boolean {
    this.#text = text;
    this.#record = number;
    this.#onScalar = onScalar;
    this.#isRefused = false;
    this.#hasEscape = text.includes("\\");
    this.#places.length = 0;
    this.#kinds.length = 0;
    this.#starts.length = 0;
    this.#ends.length = 0;
    this.#columns.length = 0;
    this.#count = 0;
    this.#isSure = false;
    // As the strict reader does, it ignores one byte order mark.
    const start = skipSpace(text, text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0);
    if (text.charCodeAt(start) !== openBrace) return false;
    const end = skipSpace(text, this.#value(this.root, start, 0, -1));
    if (this.#isRefused || end < text.length) return false;
    this.#isSure = true;
    if (this.#count > maxKept) this.#value(this.root, start, 0, -1);
    else this.#noteKept();
    for (const shape of this.#grown) if (shape.isOverfull) shape.collapse();
    this.#grown = [];
    return true;
  }

  /** True when the last record was an object without fields. */
  get isEmpty(): boolean {
    return this.#count === 1;
  }

  /** True when there are more columns than a table should have: then no more are added. */
  get isTooWide(): boolean {
    return this.root.fields.length > maxFields;
  }

  /**
   * @param shape undefined when nothing more is noted
   * @returns the position after the value, if there is one
   */
  #value(shape: Shape | undefined, start: number, depth: number, column: number): number {
    const text = this.#text;
    const first = text.charCodeAt(start);
    if (first === quote) {
      const end = this.#string(start);
      if (shape) this.#found(shape, "text", start + 1, end - 1, column);
      return end;
    }
    const isObject = first === openBrace;
    if (isObject || first === openBracket) {
      if (depth >= maxDepth) return this.#refuse();
      const inner = depth > maxTypeDepth ? undefined : shape;
      if (shape) this.#found(shape, inner ? (isObject ? "object" : "array") : "deep", start, start, column);
      return isObject ? this.#object(inner, start + 1, depth) : this.#array(inner, start + 1, depth);
    }
    const end = bareEnd(text, start);
    const kind = kindOfBare(text, start, end);
    if (kind === undefined) return this.#refuse();
    if (shape) this.#found(shape, kind, start, end, column);
    return end;
  }

  #object(shape: Shape | undefined, from: number, depth: number): number {
    const text = this.#text;
    const id = ++this.#objects;
    let next = 0;
    let at = skipSpace(text, from);
    if (text.charCodeAt(at) === closeBrace) return at + 1;
    for (;;) {
      // Most objects have their fields in the same order as the previous one.
      const expected = shape?.fields[next];
      let field: ShapeField | undefined;
      let end: number;
      if (expected && text.startsWith(expected.token, at)) {
        field = expected;
        end = at + expected.token.length;
      } else {
        if (text.charCodeAt(at) !== quote) return this.#refuse();
        end = this.#string(at);
        if (this.#isRefused) return end;
        field = shape && this.#field(shape, text.slice(at, end));
      }
      const behind = skipSpace(text, end);
      if (text.charCodeAt(behind) !== colon) return this.#refuse();
      let inner = field?.shape;
      if (field) {
        if (field.seenIn === id) return this.#refuse();
        field.seenIn = id;
        next = field.index + 1;
      } else if (shape) {
        shape.values ??= new Shape();
        inner = shape.values;
      }
      const column = depth === 0 && field ? field.index : -1;
      at = skipSpace(text, this.#value(inner, skipSpace(text, behind + 1), depth + 1, column));
      if (this.#isRefused) return at;
      const code = text.charCodeAt(at);
      if (code === closeBrace) return at + 1;
      if (code !== comma) return this.#refuse();
      at = skipSpace(text, at + 1);
    }
  }

  /** The field with this name; undefined when the keys are data. */
  #field(shape: Shape, token: string): ShapeField | undefined {
    const name = token.includes("\\") ? this.#unescaped(token) : token.slice(1, -1);
    if (name.length > longestName) this.#isRefused = true;
    const known = shape.byName.get(name);
    if (known || (shape.values && shape !== this.root)) return known;
    const isFull = shape.fields.length >= maxFields || this.#shapes >= maxShapes;
    if (shape === this.root ? shape.fields.length > maxFields : isFull) {
      if (shape !== this.root) this.#grown.push(shape);
      return undefined;
    }
    this.#shapes++;
    const field = shape.add(ownCopy(token), ownCopy(name));
    if (shape !== this.root && shape.fields.length > manyFields) this.#grown.push(shape);
    return field;
  }

  #array(shape: Shape | undefined, from: number, depth: number): number {
    const text = this.#text;
    let at = skipSpace(text, from);
    if (text.charCodeAt(at) === closeBracket) return at + 1;
    if (shape) shape.element ??= new Shape();
    for (;;) {
      at = skipSpace(text, this.#value(shape?.element, at, depth + 1, -1));
      if (this.#isRefused) return at;
      const code = text.charCodeAt(at);
      if (code === closeBracket) return at + 1;
      if (code !== comma) return this.#refuse();
      at = skipSpace(text, at + 1);
    }
  }

  /** @returns the position after the closing quote */
  #string(open: number): number {
    const text = this.#text;
    for (let at = open + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === quote) return at + 1;
      if (code < 0x20) break;
      if (code !== backslash) continue;
      const length = escapeLength(text, at + 1);
      if (length === 0) break;
      at += length;
    }
    return this.#refuse();
  }

  /** @returns a position at which the walk ends */
  #refuse(): number {
    this.#isRefused = true;
    return this.#text.length;
  }

  #found(shape: Shape, kind: Kind, start: number, end: number, column: number) {
    if (this.#isSure) {
      this.#note(shape, kind, start, end, column);
      return;
    }
    if (this.#hasEscape && kind === "text" && hasHalfPair(this.#text.slice(start, end)))
      this.#isRefused = true;
    if (++this.#count > maxKept) return;
    this.#places.push(shape);
    this.#kinds.push(kind);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#columns.push(column);
  }

  #noteKept() {
    for (let at = 0; at < this.#places.length; at++) {
      this.#note(
        this.#places[at] as Shape,
        this.#kinds[at] as Kind,
        this.#starts[at] as number,
        this.#ends[at] as number,
        this.#columns[at] as number,
      );
    }
  }

  #note(shape: Shape, kind: Kind, start: number, end: number, column: number) {
    if (kind === "null") shape.nulls++;
    else if (kind === "object") shape.objects++;
    else if (kind === "array") shape.arrays++;
    else if (kind === "deep") shape.deep++;
    else {
      let text = this.#text.slice(start, end);
      if (kind === "number") shape.scalars.addNumber(text, this.#record);
      else if (kind === "boolean") shape.scalars.addBoolean();
      else {
        if (this.#hasEscape && text.includes("\\")) text = this.#unescaped(`"${text}"`);
        shape.scalars.addString(text, this.#record);
      }
      if (column >= 0) this.#onScalar(column, text);
    }
  }

  #unescaped(token: string): string {
    const text = String(JSON.parse(toBytes(token).toString("utf8")));
    if (/\p{Surrogate}/u.test(text)) this.#isRefused = true;
    return fromText(text);
  }
}
