import type { IcebergField, IcebergType } from "./types.js";
import { type TableField, type TableType, withIds } from "./types.js";

/** One change of a table's columns. */
export interface Change {
  /** Path of the column; a nested one after its parents, separated by dots. */
  readonly column: string;
  readonly change: "added" | "widened" | "made nullable" | "described" | "moved" | "renamed";
  /** Types, descriptions, or names. */
  readonly from: string | null;
  readonly to: string | null;
}

/** A change that is not possible without a rewrite or a loss. */
export interface Refusal {
  readonly column: string;
  readonly why: string;
  /** What to do instead. */
  readonly instead: string;
}

export interface Evolution {
  readonly fields: readonly TableField[];
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
}

/**
 * The changes that turn a table's columns into the wanted ones, in their order, by metadata alone (iceberg.apache.org/spec, "Schema
 * Evolution"). Files stay as they are; old rows have NULL in new columns. Columns are matched by name. Pure.
 *
 * @param nextId returns a field id that the table has never used
 */
export function evolve(
  current: readonly TableField[],
  wanted: readonly IcebergField[],
  nextId: () => number,
): Evolution {
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  const fields = evolveFields("", current, wanted, { nextId, changes, refusals });
  return { fields, changes, refusals };
}

interface Notes {
  readonly nextId: () => number;
  readonly changes: Change[];
  readonly refusals: Refusal[];
}

function evolveFields(
  above: string,
  current: readonly TableField[],
  wanted: readonly IcebergField[],
  notes: Notes,
): TableField[] {
  const there = new Map(current.map((field) => [field.name, field]));
  const names = new Set(wanted.map(({ name }) => name));
  for (const { name } of current.filter((field) => !names.has(field.name))) {
    notes.refusals.push({
      column: above + name,
      why: "the table has it, the manifest has not: dropping or renaming it would take values away from those who read them",
      instead: "put it back into the manifest; a column under another name is a new one beside it",
    });
  }
  const kept = wanted.filter(({ name }) => there.has(name)).map(({ name }) => name);
  const before = current.filter(({ name }) => names.has(name)).map(({ name }) => name);
  const moved = kept.find((name, at) => name !== before[at]);
  if (moved !== undefined)
    notes.changes.push({ column: above + moved, change: "moved", from: null, to: null });
  return wanted.map((field) => {
    const found = there.get(field.name);
    return found === undefined ? added(above, field, notes) : changed(above, found, field, notes);
  });
}

function added(above: string, field: IcebergField, { nextId, changes, refusals }: Notes): TableField {
  const column = above + field.name;
  if (field.required) {
    refusals.push({
      column,
      why: "it is new and nullable: false, but the rows that are there have no value for it",
      instead: "make it nullable",
    });
  }
  changes.push({ column, change: "added", from: null, to: textOf(field.type) });
  const id = nextId();
  return { ...field, id, type: withIds(field.type, nextId) };
}

function changed(above: string, found: TableField, field: IcebergField, notes: Notes): TableField {
  const column = above + field.name;
  const type = evolveType(column, found.type, field.type, notes);
  if (field.required && !found.required) {
    notes.refusals.push({
      column,
      why: "rows that are there may have NULL in it",
      instead: "leave it nullable, and filter silver or give a quality rule",
    });
  } else if (found.required && !field.required) {
    notes.changes.push({ column, change: "made nullable", from: null, to: null });
  }
  if ((found.doc ?? "") !== (field.doc ?? "")) {
    notes.changes.push({ column, change: "described", from: found.doc ?? null, to: field.doc ?? null });
  }
  const { doc } = field;
  return {
    id: found.id,
    name: field.name,
    type,
    required: field.required,
    ...(doc === undefined ? {} : { doc }),
  };
}

function evolveType(column: string, from: TableType, to: IcebergType, notes: Notes): TableType {
  if (typeof from === "string" || typeof to === "string") {
    if (textOf(from) === textOf(to)) return from;
    if (typeof from === "string" && typeof to === "string" && isWider(from, to)) {
      notes.changes.push({ column, change: "widened", from, to });
      return to;
    }
  } else if (from.type === "struct" && to.type === "struct") {
    return { type: "struct", fields: evolveFields(`${column}.`, from.fields, to.fields, notes) };
  } else if (from.type === "list" && to.type === "list") {
    return { ...from, element: evolveType(`${column}[]`, from.element, to.element, notes) };
  } else if (from.type === "map" && to.type === "map") {
    return { ...from, value: evolveType(`${column}{}`, from.value, to.value, notes) };
  }
  notes.refusals.push({
    column,
    why: `${textOf(from)} cannot become ${textOf(to)} without a change of values`,
    instead: "leave its type, and add a column of another name, or a derived one in silver",
  });
  return from;
}

/** Iceberg's type promotions, which change no value. */
function isWider(from: string, to: string): boolean {
  if ((from === "int" && to === "long") || (from === "float" && to === "double")) return true;
  const decimal = (text: string) => /^decimal\((\d+), ?(\d+)\)$/.exec(text)?.slice(1).map(Number);
  const [before, after] = [decimal(from), decimal(to)];
  return (
    before !== undefined &&
    after !== undefined &&
    before[1] === after[1] &&
    (after[0] as number) > (before[0] as number)
  );
}

/** A type as people read it. */
export function textOf(type: TableType | IcebergType): string {
  if (typeof type === "string") return type.replace(/, ?/, ",");
  if (type.type === "list") return `list<${textOf(type.element)}>`;
  if (type.type === "map") return `map<${textOf(type.key)}, ${textOf(type.value)}>`;
  return `struct<${type.fields.map((field) => `${field.name}: ${textOf(field.type)}`).join(", ")}>`;
}
