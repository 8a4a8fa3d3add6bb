/**
 * The Iceberg type of a Flink SQL type that a manifest may use (iceberg.apache.org/docs, "Flink to Iceberg").
 *
 * @throws Error for any other type: the manifest's schema has checked them before
 */
export function icebergType(flinkType: string): string {
  const plain: Readonly<Record<string, string>> = {
    INT: "int",
    BIGINT: "long",
    FLOAT: "float",
    DOUBLE: "double",
    STRING: "string",
    BOOLEAN: "boolean",
    DATE: "date",
    BYTES: "binary",
  };
  const known = plain[flinkType];
  if (known !== undefined) return known;
  if (flinkType.startsWith("TIMESTAMP_LTZ")) return "timestamptz";
  if (flinkType.startsWith("TIMESTAMP")) return "timestamp";
  const decimal = /^DECIMAL\((\d+), ?(\d+)\)$/.exec(flinkType);
  if (decimal !== null) return `decimal(${decimal[1]}, ${decimal[2]})`;
  throw new Error(`no Iceberg type for ${flinkType}`);
}
