import { isUtf8 } from "node:buffer";
import type { SchemaElement } from "hyparquet";
import type { Leaf, Node } from "../parquet/tree.js";
import { formatDate, formatTimestamp } from "../timestamp.js";
import { clockText, decimalText, durationText, halfFloat, intervalText, uuidText } from "./parquet-texts.js";

/** Makes the JSON token (as latin1) of one decoded Parquet value. */
export type ValueToken = (value: unknown) => string;

/** The relevant parts of a column's type. */
export interface TargetType {
  readonly kind: string;
  readonly fields?: readonly { readonly name: string; readonly type: TargetType }[];
  /** The elements of an array, or the values of a map. */
  readonly element?: TargetType;
}

/**
 * The function that writes a column's values, by the file's schema, including nested parts.
 *
 * Integers and decimals keep every digit. Floating-point numbers get the shortest text that reads back as the same number.
 * Timestamps become `YYYY-MM-DD HH:MM:SS[.fraction]` of the stored time, without trailing zeros, followed by `Z` if the file
 * declares them as UTC and the dataset's column has a zone. Times of day and durations become text, unless the dataset wants
 * the number that is stored.
 *
 * @param node of the column, whose values `readNode` has read
 * @param type the dataset's type; undefined for a column that it does not have
 * @param bytesToken for bytes that the file does not declare as text; by default as text in a column of the dataset, else in
 *   base64 where they are no text: invalid UTF-8 in an unknown field would make the whole record a dead letter
 */
export function valueToken(node: Node, type: TargetType | undefined, bytesToken?: ValueToken): ValueToken {
  const token = nodeToken(node, type, isVariant(node) ? base64Token : bytesToken);
  return (value) => (value === null || value === undefined ? "null" : token(value));
}

function nodeToken(node: Node, type: TargetType | undefined, bytesToken?: ValueToken): ValueToken {
  switch (node.kind) {
    case "list": {
      const token = valueToken(node.item, type?.element, bytesToken);
      return (value) => `[${(value as unknown[]).map(token).join(",")}]`;
    }
    case "map": {
      const keyToken = valueToken(node.key, undefined, bytesToken);
      const token = valueToken(node.value, type?.element, bytesToken);
      // A key that is there twice makes a dead letter: nobody knows which value is meant.
      return (value) =>
        `{${(value as [unknown, unknown][]).map(([key, one]) => `${nameToken(keyToken(key))}:${token(one)}`).join(",")}}`;
    }
    case "struct": {
      const members = node.members.map((member) => ({
        name: textToken(member.name),
        token: valueToken(member, type?.fields?.find(({ name }) => name === member.name)?.type, bytesToken),
      }));
      return (value) =>
        `{${members.map(({ name, token }, index) => `${name}:${token((value as unknown[])[index])}`).join(",")}}`;
    }
    default:
      return leafToken(node, type, bytesToken);
  }
}

function leafToken(leaf: Leaf, type: TargetType | undefined, bytesToken: ValueToken | undefined): ValueToken {
  const { element } = leaf;
  const { converted_type: converted, logical_type: logical } = element;
  const annotation = annotationOf(element);
  if (annotation === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return (value) => decimalText(value instanceof Uint8Array ? bigEndian(value) : integer(value), scale);
  }
  if (annotation === "DATE") return (value) => `"${formatDate(Number(value))}"`;
  const isNumber = ["integer", "float", "decimal"].includes(type?.kind ?? "");
  const clock = clockDigits(element);
  if (clock !== undefined) return (value) => (isNumber ? String(value) : clockText(integer(value), clock));
  const { durationDigits } = leaf;
  if (durationDigits !== undefined)
    return (value) => (isNumber ? String(value) : durationText(integer(value), durationDigits));
  if (converted === "INTERVAL") return (value) => intervalText(value as Uint8Array);
  const digits = fractionDigits(element);
  if (digits !== undefined) {
    const zone = type?.kind === "timestamp_ltz" && isInUtc(element) ? "Z" : "";
    return (value) => `"${formatTimestamp(integer(value), digits)}${zone}"`;
  }
  if (annotation === "UUID") return (value) => uuidText(value as Uint8Array);
  if (annotation === "FLOAT16") return (value) => numberToken(halfFloat(value as Uint8Array));
  const unsigned = unsignedBits(element);
  if (unsigned !== undefined) return (value) => String(BigInt.asUintN(unsigned, integer(value)));
  if (isBinary(element)) return bytesToken ?? (type === undefined ? textOrBase64Token : anyToken);
  return anyToken;
}

/** What the bits of a value mean; undefined when the file does not say. */
export const annotationOf = ({ converted_type: converted, logical_type: logical }: SchemaElement) =>
  logical?.type ?? converted;

export const isVariant = ({ element }: Node) => element.logical_type?.type === "VARIANT";

/** True for bytes that the file does not declare as text. */
export const isBinary = ({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): boolean =>
  (type === "BYTE_ARRAY" || type === "FIXED_LEN_BYTE_ARRAY") &&
  !["UTF8", "ENUM", "JSON", "DECIMAL", "INTERVAL"].includes(converted ?? "") &&
  !["STRING", "ENUM", "JSON", "DECIMAL", "UUID", "FLOAT16"].includes(logical?.type ?? "");

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

/** The same of a time of day. */
export function clockDigits({ converted_type: converted, logical_type: logical }: SchemaElement) {
  if (logical?.type === "TIME") return unitDigits[logical.unit];
  if (converted === "TIME_MILLIS") return unitDigits.MILLIS;
  return converted === "TIME_MICROS" ? unitDigits.MICROS : undefined;
}

/** How many bits an unsigned integer is stored in; undefined for others. */
export function unsignedBits({ type, converted_type: converted, logical_type: logical }: SchemaElement) {
  if (converted?.startsWith("UINT_") !== true && (logical?.type !== "INTEGER" || logical.isSigned))
    return undefined;
  return type === "INT64" ? 64 : 32;
}

/** The token of values without annotations. */
function anyToken(value: unknown): string {
  if (typeof value === "number") return numberToken(value);
  if (value instanceof Uint8Array) return JSON.stringify(latin1(value));
  return String(value);
}

const textOrBase64Token = (value: unknown) =>
  isUtf8(value as Uint8Array) ? anyToken(value) : base64Token(value);

const base64Token = (value: unknown) => `"${Buffer.from(value as Uint8Array).toString("base64")}"`;

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

const textToken = (text: string) => Buffer.from(JSON.stringify(text), "utf8").toString("latin1");

/** The name of a field: numbers become text. */
const nameToken = (token: string) => (token.startsWith('"') ? token : `"${token}"`);

function numberToken(value: number): string {
  // JSON has no NaN and no infinity. As text they make a dead letter, not a wrong number.
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function bigEndian(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString("hex");
  return hex === "" ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

const integer = (value: unknown) => (typeof value === "bigint" ? value : BigInt(String(value)));
