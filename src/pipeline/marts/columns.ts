import { failed } from "../../core/errors.js";
import { parseColumnType } from "../../dataset/column-type.js";
import { type IcebergField, icebergType } from "../../iceberg/types.js";

/** The replacement for a type that Iceberg does not store. */
const instead: readonly [type: RegExp, cast: string][] = [
  [/^(TINYINT|SMALLINT)/, "CAST it AS INT"],
  [/^TIMESTAMP_LTZ/, "CAST it AS TIMESTAMP_LTZ(6)"],
  [/^TIMESTAMP\(/, "CAST it AS TIMESTAMP(6)"],
  [/^NULL/, "CAST(NULL AS …) says which type it has"],
  [/^(BYTES|BINARY|VARBINARY)/, "TO_BASE64 or DECODE makes a STRING of it"],
];

/**
 * The columns of a table for the result of a query. Texts of a fixed or limited length become STRING; other types stay.
 *
 * @param described name and type of each column, as from Flink's DESCRIBE
 * @throws PipectlError (failed) `mart_columns` with every column that no table can have
 */
export function columnsOf(described: readonly (readonly [name: string, type: string])[]): IcebergField[] {
  const problems: string[] = [];
  const taken = new Set<string>();
  const fields = described.map(([name, type], at) => {
    if (/^EXPR\$\d+$/.test(name)) problems.push(`column ${at + 1} has no name: give it one with AS`);
    else if (!/^[A-Za-z_]\w{0,126}$/.test(name))
      problems.push(`column ${name}: its name must be of a-z, 0-9 and '_'`);
    if (taken.has(name.toLowerCase())) problems.push(`column ${name} occurs twice`);
    taken.add(name.toLowerCase());
    const known = parseColumnType(plainType(type));
    if (known === undefined) {
      const [, cast = "CAST it AS STRING"] = instead.find(([pattern]) => pattern.test(type)) ?? [];
      problems.push(`column ${name} is ${type}, which Iceberg does not have: ${cast}`);
    }
    return { name, type: known === undefined ? "string" : icebergType(known), required: false };
  });
  if (problems.length > 0) throw failed("mart_columns", problems.join("; "));
  return fields;
}

/** The type as in a manifest: everything is nullable, and texts have no length limit. Names in backticks stay. */
const plainType = (type: string): string =>
  type.replace(/`(?:[^`]|``)*`| NOT NULL|\b(?:VAR)?CHAR\(\d+\)/g, (part) =>
    part.startsWith("`") ? part : part === " NOT NULL" ? "" : "STRING",
  );
