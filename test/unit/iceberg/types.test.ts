import { expect, it } from "vitest";
import { type ColumnType, parseColumnType } from "../../../src/dataset/column-type.js";
import { icebergType, withIds } from "../../../src/iceberg/types.js";

const typeOf = (flink: string) => icebergType(parseColumnType(flink) as ColumnType);

it.each([
  ["INT", "int"],
  ["BIGINT", "long"],
  ["FLOAT", "float"],
  ["DOUBLE", "double"],
  ["STRING", "string"],
  ["BOOLEAN", "boolean"],
  ["DATE", "date"],
  ["TIMESTAMP(6)", "timestamp"],
  ["TIMESTAMP_LTZ(3)", "timestamptz"],
  ["DECIMAL(10,2)", "decimal(10, 2)"],
  ["DECIMAL(38, 0)", "decimal(38, 0)"],
])("%s is %s", (flink, iceberg) => {
  expect(typeOf(flink)).toBe(iceberg);
});

it("gives each part of a nested type an id of its own", () => {
  let id = 9;
  const nested = typeOf("ROW<a INT, b ARRAY<ROW<`c d` STRING>>, m MAP<STRING, DATE>>");
  expect(withIds(nested, () => ++id)).toEqual({
    type: "struct",
    fields: [
      { id: 10, name: "a", type: "int", required: false },
      {
        ...{ id: 11, name: "b", required: false },
        type: {
          ...{ type: "list", "element-id": 13, "element-required": false },
          element: { type: "struct", fields: [{ id: 14, name: "c d", type: "string", required: false }] },
        },
      },
      {
        ...{ id: 12, name: "m", required: false },
        type: {
          ...{ type: "map", "key-id": 15, key: "string", "value-id": 16, value: "date" },
          "value-required": false,
        },
      },
    ],
  });
});
