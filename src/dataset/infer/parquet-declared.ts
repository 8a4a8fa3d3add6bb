import type { SchemaElement, SchemaTree } from "hyparquet";
import { quoted } from "../../core/sql-quotes.js";
import { fractionDigits, isBinary, isInUtc, nestedPart } from "../inputs/parquet-values.js";
import type { Declared } from "./guess.js";

/**
 * The type of a column in a Parquet file's schema, as an SQL type.
 *
 * @returns undefined when the schema does not declare a known type: then the values decide
 */
export function declaredOf(node: SchemaTree): Declared | undefined {
  const part = nestedPart(node);
  if (part === undefined) return leaf(node.element);
  if (part.kind === "list") {
    const element = declaredOf(part.element);
    return element && { kind: "array", type: `ARRAY<${element.type}>`, reason: "a list in Parquet", element };
  }
  if (part.kind === "map") {
    const element = declaredOf(part.value);
    return (
      element && { kind: "map", type: `MAP<STRING, ${element.type}>`, reason: "a map in Parquet", element }
    );
  }
  if (part.kind !== "struct") return undefined;
  const fields = new Map<string, Declared>();
  for (const child of node.children) {
    const declared = declaredOf(child);
    if (declared === undefined) return undefined;
    fields.set(child.element.name, declared);
  }
  const parts = [...fields].map(([name, { type }]) => `${quoted(name)} ${type}`);
  return { kind: "row", type: `ROW<${parts.join(", ")}>`, reason: "a struct in Parquet", fields };
}

function leaf(element: SchemaElement): Declared | undefined {
  const { type, converted_type: converted, logical_type: logical } = element;
  const annotation = logical?.type ?? converted;
  const said = `${type}${annotation === undefined ? "" : ` (${annotation})`} in Parquet`;
  const is = (kind: Declared["kind"], sql: string): Declared => ({ kind, type: sql, reason: said });
  if (annotation === "DECIMAL") {
    const precision = element.precision ?? (logical?.type === "DECIMAL" ? logical.precision : 0);
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return precision <= 38 ? is("number", `DECIMAL(${precision}, ${scale})`) : undefined;
  }
  if (annotation === "DATE") return is("date", "DATE");
  if (fractionDigits(element) !== undefined) {
    return isInUtc(element)
      ? { ...is("timestamp_ltz", "TIMESTAMP_LTZ(6)"), reason: `${said}, in UTC` }
      : { ...is("timestamp", "TIMESTAMP(6)"), reason: `${said}, without a zone` };
  }
  if (isBinary(element))
    return { ...is("string", "STRING"), reason: `${said}: bytes, which are text in all records` };
  switch (type) {
    case "BOOLEAN":
      return is("boolean", "BOOLEAN");
    case "FLOAT":
    case "DOUBLE":
      return is("number", type);
    case "INT32":
      return is("number", isUnsigned(element, 32) ? "BIGINT" : "INT");
    case "INT64":
      return is("number", isUnsigned(element, 64) ? "DECIMAL(20, 0)" : "BIGINT");
    default:
      return annotation === "FLOAT16" ? is("number", "FLOAT") : is("string", "STRING");
  }
}

const isUnsigned = ({ converted_type: converted, logical_type: logical }: SchemaElement, bits: number) =>
  converted === `UINT_${bits}` ||
  (logical?.type === "INTEGER" && !logical.isSigned && logical.bitWidth === bits);
