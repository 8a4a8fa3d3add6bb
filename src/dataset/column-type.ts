/** The groups of types that are read, written and broken alike. */
export type ColumnKind = "integer" | "float" | "decimal" | "string" | "boolean" | "date" | "timestamp";

export interface ColumnType {
  readonly kind: ColumnKind;
  /** Digits of a DECIMAL, or of the fraction of a second of a TIMESTAMP. */
  readonly precision?: number;
  readonly scale?: number;
  /** Largest value of an integer type, as decimal digits: an INT that is one more must be refused. */
  readonly max?: string;
}

const plain: Readonly<Record<string, ColumnType>> = {
  INT: { kind: "integer", max: "2147483647" },
  BIGINT: { kind: "integer", max: "9223372036854775807" },
  FLOAT: { kind: "float" },
  DOUBLE: { kind: "float" },
  STRING: { kind: "string" },
  BOOLEAN: { kind: "boolean" },
  DATE: { kind: "date" },
};

export const knownTypes = `${Object.keys(plain).join(", ")}, DECIMAL(p,s), TIMESTAMP(0 to 6)`;

/**
 * Reads a Flink SQL type as a manifest may use it. The list is closed, so that a type can be put into SQL as it
 * stands, and holds only types that Iceberg stores without loss (no TIMESTAMP(9), no TINYINT).
 *
 * @returns undefined when the text is none of `knownTypes`
 */
export function parseColumnType(text: string): ColumnType | undefined {
  if (Object.hasOwn(plain, text)) return plain[text];
  const timestamp = /^TIMESTAMP\(([0-6])\)$/.exec(text);
  if (timestamp) return { kind: "timestamp", precision: Number(timestamp[1]) };
  const decimal = /^DECIMAL\((\d{1,2}), ?(\d{1,2})\)$/.exec(text);
  if (!decimal) return undefined;
  const [precision, scale] = [Number(decimal[1]), Number(decimal[2])];
  // 38 digits is the most that Iceberg and Flink store.
  return precision >= 1 && precision <= 38 && scale <= precision
    ? { kind: "decimal", precision, scale }
    : undefined;
}

/** Whether a value of this type is a bare number token in JSON. */
export const isNumeric = (type: ColumnType) =>
  type.kind === "integer" || type.kind === "float" || type.kind === "decimal";
