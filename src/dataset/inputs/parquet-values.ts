import type { SchemaElement } from "hyparquet";
import { formatDate, formatTimestamp } from "../timestamp.js";

/** Makes the JSON token (as latin1) of one decoded Parquet value that is not null. */
export type ValueToken = (value: unknown) => string;

/**
 * Takes a leaf's annotations away where hyparquet's own conversion would lose something: it makes DECIMAL a
 * floating-point number, a timestamp a Date of milliseconds, and bytes that are no UTF-8 replacement characters.
 * `valueToken` converts from the physical values instead.
 */
export function withoutConversion(element: SchemaElement): SchemaElement {
  if (element.type === undefined || isConvertedWell(element)) return element;
  const { converted_type: _converted, logical_type: _logical, ...physical } = element;
  return physical;
}

/** Unsigned integers, UUIDs and half floats come out exactly. */
function isConvertedWell({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return (
    converted?.startsWith("UINT_") === true ||
    logical?.type === "INTEGER" ||
    logical?.type === "UUID" ||
    logical?.type === "FLOAT16"
  );
}

/**
 * How to write the values of a top-level column, given its element as the file has it.
 *
 * Integers and decimals keep every digit, floating-point numbers take the shortest text that reads back as the same
 * number, timestamps are `YYYY-MM-DD HH:MM:SS[.fraction]` of the UTC time stored, without trailing zeros.
 */
export function valueToken(element: SchemaElement): ValueToken {
  const { converted_type: converted, logical_type: logical } = element;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return (value) => decimalText(value instanceof Uint8Array ? bigEndian(value) : integer(value), scale);
  }
  if (converted === "DATE" || logical?.type === "DATE") return (value) => `"${formatDate(Number(value))}"`;
  const digits = fractionDigits(element);
  if (digits !== undefined) return (value) => `"${formatTimestamp(integer(value), digits)}"`;
  return anyToken;
}

const unitDigits = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const;

/** Digits of a second that one unit of a timestamp column stands for. */
function fractionDigits({ type, converted_type: converted, logical_type: logical }: SchemaElement) {
  if (logical?.type === "TIMESTAMP") return unitDigits[logical.unit];
  if (converted === "TIMESTAMP_MILLIS") return unitDigits.MILLIS;
  if (converted === "TIMESTAMP_MICROS") return unitDigits.MICROS;
  return type === "INT96" ? unitDigits.NANOS : undefined;
}

/** Values without a meaning beyond their own type, and nested ones. */
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
  // JSON has no NaN and no infinity: as text they become a dead letter, not a wrong number.
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
