import type { Node } from "./tree.js";

/** A field of an Arrow schema, as far as durations need it. */
interface ArrowField {
  /** Digits of a second in its unit; undefined when it is no duration. */
  readonly durationDigits: number | undefined;
  readonly children: readonly ArrowField[];
}

/**
 * Marks the leaves that are durations. Parquet has no such type: Arrow stores the number, and keeps the unit in a schema of its
 * own beside it.
 *
 * @param schema of the key `ARROW:schema`, in base64; one that cannot be read marks nothing
 */
export function markDurations(columns: readonly Node[], schema: string | undefined): void {
  if (schema === undefined) return;
  let fields: readonly ArrowField[];
  try {
    fields = fieldsOf(Buffer.from(schema, "base64"));
  } catch {
    return;
  }
  if (fields.length !== columns.length) return;
  for (const [index, column] of columns.entries()) mark(column, fields[index]);
}

function mark(node: Node, field: ArrowField | undefined): void {
  if (field === undefined) return;
  switch (node.kind) {
    case "leaf":
      if (node.element.type === "INT64") node.durationDigits = field.durationDigits;
      return;
    case "list":
      mark(node.item, field.children[0]);
      return;
    case "map": {
      const [key, value] = field.children[0]?.children ?? [];
      mark(node.key, key);
      mark(node.value, value);
      return;
    }
    case "struct":
      for (const [index, member] of node.members.entries()) mark(member, field.children[index]);
  }
}

/** Arrow's `Schema.fbs`: places of fields in their tables, and the number of a type in its union. */
const place = { header: 2, fields: 1, typeOf: 2, type: 3, children: 5, unit: 0 } as const;
const durationType = 18;
const millisecond = 1;
const unitDigits = [0, 3, 6, 9] as const;

/** An encapsulated IPC message: a marker, its length, and a flatbuffer. */
function fieldsOf(message: Buffer): ArrowField[] {
  const bytes = message.readUInt32LE(0) === 0xffffffff ? message.subarray(8) : message.subarray(4);
  const root = new Table(bytes, bytes.readUInt32LE(0));
  return fieldOf(root.table(place.header), place.fields);
}

const fieldOf = (table: Table | undefined, at: number): ArrowField[] =>
  (table?.tables(at) ?? []).map((field) => ({
    durationDigits:
      field.byte(place.typeOf) === durationType
        ? unitDigits[field.table(place.type)?.short(place.unit) ?? millisecond]
        : undefined,
    children: fieldOf(field, place.children),
  }));

/** A table of a flatbuffer. Reading behind the buffer's end throws. */
class Table {
  readonly #offsets: number;

  constructor(
    private readonly bytes: Buffer,
    private readonly at: number,
  ) {
    this.#offsets = at - bytes.readInt32LE(at);
  }

  byte(field: number): number | undefined {
    const at = this.#place(field);
    return at === undefined ? undefined : this.bytes.readUInt8(at);
  }

  short(field: number): number | undefined {
    const at = this.#place(field);
    return at === undefined ? undefined : this.bytes.readInt16LE(at);
  }

  table(field: number): Table | undefined {
    const at = this.#place(field);
    return at === undefined ? undefined : new Table(this.bytes, at + this.bytes.readUInt32LE(at));
  }

  tables(field: number): Table[] {
    const at = this.#place(field);
    if (at === undefined) return [];
    const vector = at + this.bytes.readUInt32LE(at);
    return Array.from({ length: this.bytes.readUInt32LE(vector) }, (_, index) => {
      const entry = vector + 4 + index * 4;
      return new Table(this.bytes, entry + this.bytes.readUInt32LE(entry));
    });
  }

  #place(field: number): number | undefined {
    const entry = 4 + field * 2;
    if (entry >= this.bytes.readUInt16LE(this.#offsets)) return undefined;
    const offset = this.bytes.readUInt16LE(this.#offsets + entry);
    return offset === 0 ? undefined : this.at + offset;
  }
}
