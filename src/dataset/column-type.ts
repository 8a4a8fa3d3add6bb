import { quoted } from "../core/sql-quotes.js";

/** Groups of types that are read, written and corrupted in the same way. */
export type ColumnKind =
  | "integer"
  | "float"
  | "decimal"
  | "string"
  | "boolean"
  | "date"
  | "timestamp"
  | "timestamp_ltz"
  | "row"
  | "array"
  | "map";

export interface ColumnType {
  readonly kind: ColumnKind;
  /** The type in Flink SQL, with quoted names: safe to put into a statement. */
  readonly sql: string;
  /** Digits of a DECIMAL, or of the fraction of a second of a TIMESTAMP. */
  readonly precision?: number;
  readonly scale?: number;
  /** Largest value of an integer type, as decimal digits: an INT that is one more must be refused. */
  readonly max?: string;
  /** Of a ROW, in order. */
  readonly fields?: readonly { readonly name: string; readonly type: ColumnType }[];
  /** Of an ARRAY its elements, of a MAP its values; the keys of a MAP are text. */
  readonly element?: ColumnType;
}

const plain: Readonly<Record<string, Omit<ColumnType, "sql">>> = {
  INT: { kind: "integer", max: "2147483647" },
  BIGINT: { kind: "integer", max: "9223372036854775807" },
  FLOAT: { kind: "float" },
  DOUBLE: { kind: "float" },
  STRING: { kind: "string" },
  BOOLEAN: { kind: "boolean" },
  DATE: { kind: "date" },
};

export const knownTypes = `${Object.keys(plain).join(", ")}, DECIMAL(p,s), TIMESTAMP(0 to 6), TIMESTAMP_LTZ(0 to 6), ROW<name TYPE, …>, ARRAY<TYPE>, MAP<STRING, TYPE>`;

/** Deeper than any real table, and far from the limit of the call stack. */
const maxDepth = 16;

/**
 * Reads a Flink SQL type as a manifest may use it. The list is closed, so that a type can be put into SQL as it
 * stands, and holds only types that Iceberg stores without loss (no TIMESTAMP(9), no TINYINT).
 *
 * @returns undefined when the text is none of `knownTypes`
 */
export function parseColumnType(text: string): ColumnType | undefined {
  const reader = new TypeReader(text);
  const type = reader.type(0);
  return type !== undefined && reader.atEnd() ? type : undefined;
}

/** True when a value of this type is an unquoted number in JSON. */
export const isNumeric = (type: ColumnType) =>
  type.kind === "integer" || type.kind === "float" || type.kind === "decimal";

/** True for a type that holds values of other types. Such a value has no unique text form. */
export const isNested = ({ kind }: ColumnType) => kind === "row" || kind === "array" || kind === "map";

/** The type in which an Iceberg table gives a column back: it keeps six digits of a second, whatever the column's own are. */
export function storedSql(type: ColumnType): string {
  const element = () => storedSql(type.element as ColumnType);
  switch (type.kind) {
    case "timestamp":
      return "TIMESTAMP(6)";
    case "timestamp_ltz":
      return "TIMESTAMP_LTZ(6)";
    case "array":
      return `ARRAY<${element()}>`;
    case "map":
      return `MAP<STRING, ${element()}>`;
    case "row":
      return `ROW<${(type.fields ?? []).map((one) => `${quoted(one.name)} ${storedSql(one.type)}`).join(", ")}>`;
    default:
      return type.sql;
  }
}

class TypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  type(depth: number): ColumnType | undefined {
    if (depth > maxDepth) return undefined;
    const word = this.#take(/[A-Z_]+(?:\(\d{1,2}(?:, ?\d{1,2})?\))?/y);
    if (word === undefined) return undefined;
    if (!this.#skip("<")) return scalar(word);
    const type = this.#nested(word, depth + 1);
    return type !== undefined && this.#skip(">") ? type : undefined;
  }

  atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  #nested(word: string, depth: number): ColumnType | undefined {
    if (word === "ROW") return this.#row(depth);
    if (word !== "ARRAY" && (word !== "MAP" || !this.#skip("STRING") || !this.#skip(","))) return undefined;
    const element = this.type(depth);
    if (element === undefined) return undefined;
    return word === "ARRAY"
      ? { kind: "array", sql: `ARRAY<${element.sql}>`, element }
      : { kind: "map", sql: `MAP<STRING, ${element.sql}>`, element };
  }

  #row(depth: number): ColumnType | undefined {
    const fields: { name: string; type: ColumnType }[] = [];
    do {
      const name = this.#name();
      const type = name === undefined ? undefined : this.type(depth);
      // Two fields of one name could not be told apart.
      if (name === undefined || type === undefined || fields.some((one) => one.name === name))
        return undefined;
      fields.push({ name, type });
    } while (this.#skip(","));
    const sql = fields.map(({ name, type }) => `${quoted(name)} ${type.sql}`).join(", ");
    return { kind: "row", sql: `ROW<${sql}>`, fields };
  }

  #name(): string | undefined {
    const name = this.#take(/`(?:[^`]|``)+`|[A-Za-z_][A-Za-z0-9_]*/y);
    return name?.startsWith("`") ? name.slice(1, -1).replaceAll("``", "`") : name;
  }

  /** Consumes the next token and the blanks around it. */
  #take(pattern: RegExp): string | undefined {
    this.#blanks();
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    if (found !== undefined) this.#blanks();
    return found;
  }

  #skip(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    this.#blanks();
    return true;
  }

  #blanks(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }
}

function scalar(text: string): ColumnType | undefined {
  if (Object.hasOwn(plain, text)) return { ...(plain[text] as Omit<ColumnType, "sql">), sql: text };
  const timestamp = /^TIMESTAMP(_LTZ)?\(([0-6])\)$/.exec(text);
  if (timestamp) {
    const kind = timestamp[1] === undefined ? "timestamp" : "timestamp_ltz";
    return { kind, sql: text, precision: Number(timestamp[2]) };
  }
  const decimal = /^DECIMAL\((\d{1,2}), ?(\d{1,2})\)$/.exec(text);
  if (!decimal) return undefined;
  const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
  // 38 digits is the most that Iceberg and Flink store.
  return precision >= 1 && precision <= 38 && scale <= precision
    ? { kind: "decimal", sql: text, precision, scale }
    : undefined;
}
