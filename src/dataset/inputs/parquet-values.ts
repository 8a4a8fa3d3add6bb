import { isUtf8 } from "node:buffer";
import type { SchemaElement, SchemaTree } from "hyparquet";
import { formatDate, formatTimestamp } from "../timestamp.js";

/** Makes the JSON token (as latin1) of one decoded Parquet value. */
export type ValueToken = (value: unknown) => string;

/**
 * Removes a leaf's annotations if hyparquet's own conversion would lose information: it turns DECIMAL into floating-point
 * numbers, timestamps into Dates with milliseconds, and bytes that are not UTF-8 into replacement characters. `valueToken`
 * converts the physical values instead.
 */
export function withoutConversion(element: SchemaElement): SchemaElement {
  if (element.type === undefined || isConvertedWell(element)) return element;
  const { converted_type: _converted, logical_type: _logical, ...physical } = element;
  return physical;
}

/** Unsigned integers, UUIDs and half floats are converted exactly. */
function isConvertedWell({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return (
    converted?.startsWith("UINT_") === true ||
    logical?.type === "INTEGER" ||
    logical?.type === "UUID" ||
    logical?.type === "FLOAT16"
  );
}

/**
 * The function that writes a column's values, by the file's schema, including nested parts.
 *
 * Integers and decimals keep every digit. Floating-point numbers get the shortest text that reads back as the same number.
 * Timestamps become `YYYY-MM-DD HH:MM:SS[.fraction]` of the stored time, without trailing zeros, followed by `Z` if the file
 * declares them as UTC and the dataset's column has a zone.
 *
 * @param type the dataset's type; undefined for a column that it does not have
 */
export function valueToken(node: SchemaTree, type: TargetType | undefined): ValueToken {
  const token = nodeToken(node, type);
  return (value) => (value === null || value === undefined ? "null" : token(value));
}

/** The relevant parts of a column's type. */
export interface TargetType {
  readonly kind: string;
  readonly fields?: readonly { readonly name: string; readonly type: TargetType }[];
  /** The elements of an array, or the values of a map. */
  readonly element?: TargetType;
}

function nodeToken(node: SchemaTree, type: TargetType | undefined): ValueToken {
  const { element } = node;
  const part = nestedPart(node);
  switch (part?.kind) {
    case "list": {
      const token = valueToken(part.element, type?.element);
      return (value) => `[${Array.from(value as Iterable<unknown>, token).join(",")}]`;
    }
    case "map": {
      const token = valueToken(part.value, type?.element);
      return (value) => objectToken(Object.entries(value as object), () => token);
    }
    case "struct": {
      const members = node.children.map(({ element }) => element.name);
      const tokens = new Map(
        node.children.map((child) => [
          child.element.name,
          valueToken(child, type?.fields?.find(({ name }) => name === child.element.name)?.type),
        ]),
      );
      return (value) =>
        objectToken(
          members.map((name): [string, unknown] => [name, (value as Record<string, unknown>)[name]]),
          (name) => tokens.get(name) ?? anyToken,
        );
    }
    default:
      return leafToken(element, type);
  }
}

const objectToken = (entries: [string, unknown][], tokenOf: (name: string) => ValueToken) =>
  `{${entries.map(([name, value]) => `${textToken(name)}:${tokenOf(name)(value)}`).join(",")}}`;

/** The parts of a nested column, for the forms that hyparquet assembles; undefined for a leaf. */
export function nestedPart(
  node: SchemaTree,
):
  | { kind: "list"; element: SchemaTree }
  | { kind: "map"; value: SchemaTree }
  | { kind: "struct" | "other" }
  | undefined {
  const [child] = node.children;
  if (!child) return node.element.repetition_type === "REPEATED" ? { kind: "other" } : undefined;
  const isRepeated = child.element.repetition_type === "REPEATED";
  if (node.element.converted_type === "LIST" && node.children.length === 1 && isRepeated) {
    const [inner] = child.children;
    if (child.children.length <= 1) return { kind: "list", element: inner ?? child };
  }
  if (node.element.converted_type === "MAP" && node.children.length === 1 && child.children.length === 2) {
    const value = child.children[1];
    if (isRepeated && value) return { kind: "map", value };
  }
  const isPlain =
    node.element.repetition_type !== "REPEATED" &&
    node.element.logical_type?.type !== "VARIANT" &&
    node.children.every(({ element }) => element.repetition_type !== "REPEATED");
  return { kind: isPlain ? "struct" : "other" };
}

function leafToken(element: SchemaElement, type: TargetType | undefined): ValueToken {
  const { converted_type: converted, logical_type: logical } = element;
  if (nestedLeaf(element)) return anyToken;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return (value) => decimalText(value instanceof Uint8Array ? bigEndian(value) : integer(value), scale);
  }
  if (converted === "DATE" || logical?.type === "DATE") return (value) => `"${formatDate(Number(value))}"`;
  const digits = fractionDigits(element);
  if (digits !== undefined) {
    const zone = type?.kind === "timestamp_ltz" && isInUtc(element) ? "Z" : "";
    return (value) => `"${formatTimestamp(integer(value), digits)}${zone}"`;
  }
  return type === undefined && isBinary(element) ? bytesToken : anyToken;
}

const nestedLeaf = ({ type, repetition_type: repetition }: SchemaElement) =>
  type === undefined || repetition === "REPEATED";

/** True for bytes that the file does not declare as text. */
export const isBinary = ({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): boolean =>
  (type === "BYTE_ARRAY" || type === "FIXED_LEN_BYTE_ARRAY") &&
  !["UTF8", "ENUM", "JSON", "DECIMAL"].includes(converted ?? "") &&
  !["STRING", "ENUM", "JSON", "DECIMAL", "UUID", "FLOAT16"].includes(logical?.type ?? "");

/**
 * Bytes of an unknown column end up in `extra_fields`: as text if they are UTF-8, else in base64, because invalid UTF-8 would
 * make the whole record a dead letter.
 */
function bytesToken(value: unknown): string {
  if (!(value instanceof Uint8Array)) return anyToken(value);
  return isUtf8(value) ? anyToken(value) : `"${Buffer.from(value).toString("base64")}"`;
}

/**
 * True when a timestamp is an instant and not a local time. The older annotations always mean UTC (Parquet's LogicalTypes.md).
 */
export const isInUtc = ({ converted_type: converted, logical_type: logical }: SchemaElement): boolean =>
  logical?.type === "TIMESTAMP" ? logical.isAdjustedToUTC : converted?.startsWith("TIMESTAMP_") === true;

const unitDigits = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const;

/** Number of fractional digits of a second in a timestamp column's unit. */
export function fractionDigits({ type, converted_type: converted, logical_type: logical }: SchemaElement) {
  if (logical?.type === "TIMESTAMP") return unitDigits[logical.unit];
  if (converted === "TIMESTAMP_MILLIS") return unitDigits.MILLIS;
  if (converted === "TIMESTAMP_MICROS") return unitDigits.MICROS;
  return type === "INT96" ? unitDigits.NANOS : undefined;
}

/** The token of values without annotations, and of nested ones. */
function anyToken(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return numberToken(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("latin1"));
  if (value instanceof Date) return `"${formatTimestamp(BigInt(value.getTime()), 3)}"`;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `[${Array.from(value as Iterable<unknown>, anyToken).join(",")}]`;
  }
  if (typeof value === "object") {
    return `{${Object.entries(value)
      .map(([key, member]) => `${textToken(key)}:${anyToken(member)}`)
      .join(",")}}`;
  }
  return textToken(String(value));
}

const textToken = (text: string) => Buffer.from(JSON.stringify(text), "utf8").toString("latin1");

function numberToken(value: number): string {
  // JSON has no NaN and no infinity. As text they make a dead letter, not a wrong number.
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function bigEndian(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString("hex");
  return hex === "" ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const integer = (value: unknown) => (typeof value === "bigint" ? value : BigInt(String(value)));
