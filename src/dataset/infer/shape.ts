import { sum } from "../../core/sum.js";
import { Evidence } from "./evidence.js";

/** A field of the objects that were seen in one place. */
export interface ShapeField {
  /** The name as it was sent, with its quotes (latin1). */
  readonly token: string;
  /** The name (latin1). */
  readonly name: string;
  readonly shape: Shape;
  /** Its place among the fields. */
  readonly index: number;
  /** The number of the last object that had it: a field twice in one object makes a dead letter of the record. */
  seenIn: number;
}

/** From so many fields on, an object's keys may be data; from the second on they must be, or memory would have no end. */
export const manyFields = 256;
export const maxFields = 2000;

/** What was seen in one place of JSON records: how often which kind of value, and of objects and arrays what is in them. */
export class Shape {
  nulls = 0;
  objects = 0;
  arrays = 0;
  /** Objects and arrays that are nested too deep for a type. */
  deep = 0;
  readonly scalars = new Evidence();
  readonly fields: ShapeField[] = [];
  readonly byName = new Map<string, ShapeField>();
  /** What the arrays hold. */
  element: Shape | undefined;
  /** What the objects hold, when their keys are data and are not kept. */
  values: Shape | undefined;

  get seen(): number {
    return this.nulls + this.objects + this.arrays + this.deep + this.scalars.values;
  }

  /** The fields that came in records that could be read. */
  get used(): ShapeField[] {
    return this.fields.filter(({ shape }) => shape.seen > 0);
  }

  /** Whether so many new keys came that they are counted no longer, but taken as data. */
  get isOverfull(): boolean {
    return this.fields.length >= maxFields || (this.fields.length > manyFields && keysAreData(this));
  }

  /** The shape of the values of one more key. */
  add(token: string, name: string): ShapeField {
    const field = { token, name, shape: new Shape(), index: this.fields.length, seenIn: 0 };
    this.fields.push(field);
    this.byName.set(name, field);
    return field;
  }

  /** Forgets the keys: from now on all values are of one shape. */
  collapse(): Shape {
    const values = this.values ?? new Shape();
    this.values = values;
    for (const { shape } of this.fields) values.merge(shape);
    this.fields.length = 0;
    this.byName.clear();
    return values;
  }

  merge(other: Shape): void {
    this.nulls += other.nulls;
    this.objects += other.objects;
    this.arrays += other.arrays;
    this.deep += other.deep;
    this.scalars.merge(other.scalars);
    if (other.element) {
      this.element ??= new Shape();
      this.element.merge(other.element);
    }
    if (this.values || other.values) {
      this.collapse().merge(other.values ?? new Shape());
      for (const { shape } of other.fields) this.values?.merge(shape);
      return;
    }
    for (const { token, name, shape } of other.fields) {
      (this.byName.get(name) ?? this.add(token, name)).shape.merge(shape);
    }
    if (this.isOverfull) this.collapse();
  }
}

/** More keys than a record type has, of which an object has few. */
const fewKeys = 20;
const rareShare = 0.1;

/**
 * Whether the keys of the objects look like data (ids, days, words) rather than like names of fields: more than 20 of
 * them, and an object has less than a tenth of them on average. A ROW would refuse the next new key; a MAP takes it.
 */
export function keysAreData({ fields, objects }: Shape): boolean {
  if (fields.length <= fewKeys || objects === 0) return false;
  const held = sum(fields.map(({ shape }) => shape.seen));
  return held / objects / fields.length <= rareShare;
}
