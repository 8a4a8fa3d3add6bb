import { isUtf8 } from "node:buffer";
import { encodingRemarks, otherEncoding } from "../inputs/encoding.js";
import { recordsWithin } from "../inputs/json-objects.js";
import type { Declared } from "./guess.js";
import { JsonWalk } from "./json-walk.js";
import { KeySearch } from "./key-search.js";
import { byKeyRank, type Observation, requireFewColumns } from "./observation.js";
import { shapeGuess } from "./shape-guess.js";

/** The size limit of the topic's records (docs/datasets.md). */
const longestRecord = 10 * 1024 * 1024;

/** Collects from JSON records. */
export class RecordCollect {
  records = 0;
  #unreadable = 0;
  /** Likely encoding of a record that is no UTF-8. */
  #encoding: string | undefined;
  readonly #walk = new JsonWalk();
  #keys: KeySearch | undefined;
  /** Columns that may still be a key. */
  #open: number[] = [];
  /** By column: the last record with a scalar in it, and its text. */
  readonly #seenIn: number[] = [];
  readonly #texts: string[] = [];

  /** @param where names the inputs in errors */
  constructor(private readonly where: string) {}

  /** Adds the bytes of a record. Tombstones and records that are too large for a topic count as unreadable. */
  add(bytes: Buffer | null): void {
    if (bytes === null || !this.#tryBytes(bytes)) this.#unreadable++;
  }

  /** Adds a line of a file: a record, or several (`recordsWithin`). */
  addLine(bytes: Buffer): void {
    if (this.#tryBytes(bytes)) return;
    for (const part of recordsWithin(bytes) ?? [bytes]) this.add(part);
  }

  /** @param text UTF-8 bytes, as latin1 */
  addObject(text: string): void {
    if (!this.#try(text)) this.#unreadable++;
  }

  #tryBytes(bytes: Buffer): boolean {
    if (bytes.length > longestRecord) return false;
    const text = bytes.toString("latin1");
    if (isUtf8(bytes)) return this.#try(text);
    this.#encoding ??= otherEncoding(text);
    return false;
  }

  /** @returns false when it is a dead letter */
  #try(text: string): boolean {
    const number = this.records + 1;
    const isGood = this.#walk.record(text, number, (column, value) => {
      this.#seenIn[column] = number;
      this.#texts[column] = value;
    });
    // An object without any field is a dead letter, too.
    if (!isGood || this.#walk.isEmpty) return false;
    this.records = number;
    if (this.#walk.isTooWide) requireFewColumns(this.where, Number.POSITIVE_INFINITY);
    this.#note(number);
    // These texts are slices of the record, which they would keep in memory.
    this.#texts.length = 0;
    return true;
  }

  observation(declared?: ReadonlyMap<string, Declared>): Observation {
    const { candidates = [], ranOut = [] } = this.#keys?.found() ?? {};
    const { records } = this;
    return {
      records,
      unreadable: this.#unreadable,
      columns: this.#walk.root.fields.map(({ name, shape }) => {
        const source = Buffer.from(name, "latin1").toString("utf8");
        const guess =
          shape.seen === 0
            ? { leftOut: "only in records that cannot be read" }
            : shapeGuess(shape, declared?.get(source));
        return {
          source,
          guess,
          nulls: records - shape.seen + shape.nulls,
          isOptional: shape.seen < records,
          ...(shape.scalars.span === undefined ? {} : { span: shape.scalars.span }),
        };
      }),
      keys: candidates,
      ranOut,
      remarks: encodingRemarks(this.#encoding),
    };
  }

  #note(number: number) {
    const { fields } = this.#walk.root;
    if (!this.#keys) {
      // Fields that the first record does not have are NULL in it, and cannot be keys.
      const names = fields.map(({ name }) => Buffer.from(name, "latin1").toString("utf8"));
      this.#keys = new KeySearch(names.length, byKeyRank(names));
      this.#open = names.map((_, index) => index);
    }
    const keys = this.#keys;
    let closed = false;
    for (const column of this.#open) {
      const seen = fields[column]?.shape.scalars;
      const hasValue = seen && this.#seenIn[column] === number;
      if (!hasValue || seen.fractions > 0 || seen.isAmbiguous) keys.drop(column);
      if (keys.wants(column)) keys.value(column, this.#texts[column] as string);
      else closed = true;
    }
    keys.next();
    if (closed) this.#open = this.#open.filter((column) => keys.wants(column));
  }
}
