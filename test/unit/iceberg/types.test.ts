import { expect, it } from "vitest";
import { icebergType } from "../../../src/iceberg/types.js";

it.each([
  ["INT", "int"],
  ["BIGINT", "long"],
  ["FLOAT", "float"],
  ["DOUBLE", "double"],
  ["STRING", "string"],
  ["BOOLEAN", "boolean"],
  ["DATE", "date"],
  ["BYTES", "binary"],
  ["TIMESTAMP(6)", "timestamp"],
  ["TIMESTAMP_LTZ(3)", "timestamptz"],
  ["DECIMAL(10,2)", "decimal(10, 2)"],
  ["DECIMAL(38, 0)", "decimal(38, 0)"],
])("%s is %s", (flink, iceberg) => {
  expect(icebergType(flink)).toBe(iceberg);
});

it.each(["ROW<a INT>", "ARRAY<INT>", "DECIMAL", "int", ""])("'%s' is none", (flink) => {
  expect(() => icebergType(flink)).toThrow(`no Iceberg type for ${flink}`);
});
