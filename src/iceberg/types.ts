import type { ColumnType } from "../dataset/column-type.js";

/** A type as Iceberg's REST API writes it, without field ids. */
export type IcebergType =
  | string
  | { readonly type: "struct"; readonly fields: readonly IcebergField[] }
  | { readonly type: "list"; readonly element: IcebergType }
  | { readonly type: "map"; readonly key: IcebergType; readonly value: IcebergType };

export interface IcebergField {
  readonly name: string;
  readonly type: IcebergType;
  readonly required: boolean;
  readonly doc?: string;
}

/** A column as the catalog has it, with the field id by which files and partitions refer to it. */
export interface TableField {
  readonly id: number;
  readonly name: string;
  readonly type: TableType;
  readonly required: boolean;
  readonly doc?: string;
}

export type TableType =
  | string
  | { readonly type: "struct"; readonly fields: readonly TableField[] }
  | {
      readonly type: "list";
      readonly "element-id": number;
      readonly element: TableType;
      readonly "element-required": boolean;
    }
  | {
      readonly type: "map";
      readonly "key-id": number;
      readonly key: TableType;
      readonly "value-id": number;
      readonly value: TableType;
      readonly "value-required": boolean;
    };

/** The Iceberg type of a column (iceberg.apache.org/docs, "Flink to Iceberg"). */
export function icebergType(type: ColumnType): IcebergType {
  const element = () => icebergType(type.element as ColumnType);
  switch (type.kind) {
    case "integer":
      return type.sql === "BIGINT" ? "long" : "int";
    case "float":
      return type.sql.toLowerCase();
    case "decimal":
      return `decimal(${type.precision}, ${type.scale})`;
    case "timestamp_ltz":
      return "timestamptz";
    case "array":
      return { type: "list", element: element() };
    case "map":
      return { type: "map", key: "string", value: element() };
    case "row":
      return {
        type: "struct",
        fields: (type.fields ?? []).map((field) => ({
          name: field.name,
          type: icebergType(field.type),
          required: false,
        })),
      };
    default:
      return type.kind;
  }
}

/** The same type with field ids. @param nextId returns an unused id */
export function withIds(type: IcebergType, nextId: () => number): TableType {
  if (typeof type === "string") return type;
  if (type.type === "struct") {
    const fields = type.fields.map((field) => ({ id: nextId(), ...field }));
    return {
      type: "struct",
      fields: fields.map((field) => ({ ...field, type: withIds(field.type, nextId) })),
    };
  }
  if (type.type === "list") {
    const id = nextId();
    return {
      type: "list",
      "element-id": id,
      element: withIds(type.element, nextId),
      "element-required": false,
    };
  }
  const [keyId, valueId] = [nextId(), nextId()];
  const [key, value] = [withIds(type.key, nextId), withIds(type.value, nextId)];
  return { type: "map", "key-id": keyId, key, "value-id": valueId, value, "value-required": false };
}
