import { sum } from "../../core/sum.js";
import { Evidence } from "./evidence.js";

/** A field of the objects at one place. */
export interface ShapeField {
  /** The name as sent, with its quotes (latin1). */
  readonly token: string;
  /** The name (latin1). */
  readonly name: string;
  readonly shape: Shape;
  /** Its index among the fields. */
  readonly index: number;
  /** The number of the last object that had it. A duplicate field in one object makes the record a dead letter. */
  seenIn: number;
}

/**
 * With more fields than the first limit an object's keys may be data. At the second limit they count as data, so that memory
 * stays bounded.
 */
export const manyFields = 256;
export const maxFields = 2000;

/** The findings at one place of JSON records: the number of values of each kind, and the contents of objects and arrays. */
export class Shape {
  nulls = 0;
  objects = 0;
  arrays = 0;
  /** Objects and arrays that are nested too deeply for a type. */
  deep = 0;
  readonly scalars = new Evidence();
  readonly fields: ShapeField[] = [];
  readonly byName = new Map<string, ShapeField>();
  /** The elements of the arrays. */
  element: Shape | undefined;
  /** The values of the objects, when their keys are data and are not kept. */
  values: Shape | undefined;

  get seen(): number {
    return this.nulls + this.objects + this.arrays + this.deep + this.scalars.values;
  }

  /** The fields that occurred in valid records. */
  get used(): ShapeField[] {
    return this.fields.filter(({ shape }) => shape.seen > 0);
  }

  /** True when there are so many different keys that they are treated as data. */
  get isOverfull(): boolean {
    return this.fields.length >= maxFields || (this.fields.length > manyFields && keysAreData(this));
  }

  /** Adds a key, with a shape for its values. */
  add(token: string, name: string): ShapeField {
    const field = { token, name, shape: new Shape(), index: this.fields.length, seenIn: 0 };
    this.fields.push(field);
    this.byName.set(name, field);
    return field;
  }

  /** Forgets the keys: from now on all values share one shape. */
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

/** More keys than a record type has, while each object has only a few of them. */
const fewKeys = 20;
const rareShare = 0.1;

/**
 * True when the keys of the objects look like data (ids, days, words) rather than like field names: there are more than 20 of
 * them, and an object has less than a tenth of them on average. A ROW would refuse the next new key, a MAP accepts it.
 */
export function keysAreData({ fields, objects }: Shape): boolean {
  if (fields.length <= fewKeys || objects === 0) return false;
  const held = sum(fields.map(({ shape }) => shape.seen));
  return held / objects / fields.length <= rareShare;
}
