import { quoted } from "../../core/sql-quotes.js";
import {
  annotationOf,
  clockDigits,
  fractionDigits,
  isBinary,
  isInUtc,
  isVariant,
  unsignedBits,
} from "../inputs/parquet-values.js";
import type { Leaf, Node } from "../parquet/tree.js";
import type { Declared } from "./guess.js";

/**
 * The type of a column in a Parquet file's schema, as an SQL type.
 *
 * @returns undefined when the schema does not declare a known type: then the values decide
 */
export function declaredOf(node: Node): Declared | undefined {
  if (node.kind === "leaf") return leafOf(node);
  if (node.kind === "list") {
    const element = declaredOf(node.item);
    return element && { kind: "array", type: `ARRAY<${element.type}>`, reason: "a list in Parquet", element };
  }
  if (node.kind === "map") {
    const element = declaredOf(node.value);
    return (
      element && { kind: "map", type: `MAP<STRING, ${element.type}>`, reason: "a map in Parquet", element }
    );
  }
  const fields = new Map<string, Declared>();
  for (const member of node.members) {
    const declared = declaredOf(member);
    const { name } = member;
    if (declared === undefined || fields.has(name) || !/^[^.\p{Cc}]{1,255}$/u.test(name)) return undefined;
    fields.set(name, declared);
  }
  const parts = [...fields].map(([name, { type }]) => `${quoted(name)} ${type}`);
  return { kind: "row", type: `ROW<${parts.join(", ")}>`, reason: "a struct in Parquet", fields };
}

/** Why no column takes these values, whatever they are; undefined where one does. */
export const undeclarable = (node: Node): string | undefined =>
  isVariant(node) ? "a VARIANT in Parquet: its binary parts, in base64, are what can be kept" : undefined;

function leafOf(leaf: Leaf): Declared | undefined {
  const { element, durationDigits } = leaf;
  const { type, logical_type: logical } = element;
  const annotation = annotationOf(element);
  const said = `${type}${annotation === undefined ? "" : ` (${annotation})`} in Parquet`;
  const is = (kind: Declared["kind"], sql: string): Declared => ({ kind, type: sql, reason: said });
  if (annotation === "NULL") return undefined;
  if (annotation === "DECIMAL") {
    const precision = element.precision ?? (logical?.type === "DECIMAL" ? logical.precision : 0);
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    const isFit = precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision;
    return isFit ? is("number", `DECIMAL(${precision}, ${scale})`) : undefined;
  }
  if (annotation === "DATE") return is("date", "DATE");
  if (fractionDigits(element) !== undefined) {
    return isInUtc(element)
      ? { ...is("timestamp_ltz", "TIMESTAMP_LTZ(6)"), reason: `${said}, in UTC` }
      : { ...is("timestamp", "TIMESTAMP(6)"), reason: `${said}, without a zone` };
  }
  const asText = textReason(leaf);
  if (asText !== undefined) return { ...is("string", "STRING"), reason: `${said}, ${asText}` };
  if (durationDigits === undefined && isBinary(element))
    return { ...is("string", "STRING"), reason: `${said}: bytes, which are text in all records` };
  const unsigned = unsignedBits(element);
  switch (type) {
    case "BOOLEAN":
      return is("boolean", "BOOLEAN");
    case "FLOAT":
    case "DOUBLE":
      return is("number", type);
    case "INT32":
      return is("number", unsigned !== undefined && isWide(element) ? "BIGINT" : "INT");
    case "INT64":
      return is("number", unsigned === undefined ? "BIGINT" : "DECIMAL(20, 0)");
    default:
      return annotation === "FLOAT16" ? is("number", "FLOAT") : is("string", "STRING");
  }
}

/** Unsigned bytes and shorts fit into an INT. */
const isWide = ({ converted_type: converted, logical_type: logical }: Leaf["element"]) =>
  logical?.type === "INTEGER" ? logical.bitWidth === 32 : converted === "UINT_32";

const units: Readonly<Record<number, string>> = {
  0: "seconds",
  3: "milliseconds",
  6: "microseconds",
  9: "nanoseconds",
};

/** What no SQL type of a dataset holds, and its unit; undefined for others. */
export function textReason({ element, durationDigits }: Leaf): string | undefined {
  const clock = clockDigits(element);
  if (clock !== undefined) return `a time of day in ${units[clock]}: as text, HH:MM:SS with a fraction`;
  if (durationDigits !== undefined)
    return `a duration in ${units[durationDigits]} by its Arrow schema: as text, seconds by ISO 8601 (PT1.5S)`;
  if (element.converted_type === "INTERVAL")
    return "an interval of months, days and milliseconds: as text by ISO 8601 (P1M2DT3.5S)";
  return undefined;
}
