import type { TableField } from "./types.js";

/** How a table's rows lie in its files, and what identifies them: all that a table is besides columns, rows and properties. */
export interface Layout {
  readonly formatVersion: number;
  /** The spec by which new files are partitioned. */
  readonly specId: number;
  /** All specs that the table ever had. Files keep the one that they were written by. */
  readonly specs: readonly PartitionSpec[];
  /** The highest id that a partition field ever had. */
  readonly lastPartitionId: number;
  /** Order of the rows in new files, as people write it; empty for none. */
  readonly sortedBy: readonly string[];
  /** Names of the columns that identify a row. Flink's sink would drop a row that has the values of another one. */
  readonly identifiers: readonly string[];
}

export interface PartitionSpec {
  readonly id: number;
  readonly fields: readonly PartitionField[];
}

export interface PartitionField {
  readonly sourceId: number;
  readonly fieldId: number;
  readonly name: string;
  readonly transform: string;
}

/** A difference between a table's layout and the one that pipectl makes it with. */
export interface LayoutChange {
  readonly what: "format version" | "partitions" | "sort order" | "identifier fields";
  readonly is: string;
  readonly expected: string;
}

/** What a catalog is to be asked for, so that a table has another layout: parts of its commit. */
export interface LayoutCommit {
  readonly requirements: readonly object[];
  readonly updates: readonly object[];
}

/** The format that tables are made in. A later one is as good, and no engine takes it back. */
export const formatVersion = 2;

/** Iceberg numbers partition fields from 1000. */
const firstPartitionId = 1000;

/** The layout of a new table. @param partitionBy see `NewTable` */
export function newLayout(partitionBy: readonly string[], fields: readonly TableField[]): Layout {
  const none = {
    formatVersion,
    specId: 0,
    lastPartitionId: firstPartitionId - 1,
    sortedBy: [],
    identifiers: [],
  };
  const empty: Layout = { ...none, specs: [] };
  const made = partitionFields(partitionBy, fields, empty);
  return {
    ...empty,
    specs: [{ id: 0, fields: made }],
    lastPartitionId: Math.max(empty.lastPartitionId, ...made.map(({ fieldId }) => fieldId)),
  };
}

/** What a table is partitioned by, in the words of `NewTable`. */
export const partitionsOf = ({ layout, schema }: WithLayout): string[] =>
  (specOf(layout)?.fields ?? []).map((field) => said(field, schema.fields));

interface WithLayout {
  readonly layout: Layout;
  readonly schema: { readonly fields: readonly TableField[] };
}

/** What keeps a table from having the layout of a new one. Pure. */
export function layoutChanges(table: WithLayout, partitionBy: readonly string[]): LayoutChange[] {
  const { layout } = table;
  const compared: readonly (readonly [LayoutChange["what"], readonly string[], readonly string[]])[] = [
    ["partitions", partitionsOf(table), partitionBy],
    ["sort order", layout.sortedBy, []],
    ["identifier fields", layout.identifiers, []],
  ];
  const old = layout.formatVersion < formatVersion;
  return [
    ...(old
      ? [
          {
            what: "format version" as const,
            is: String(layout.formatVersion),
            expected: String(formatVersion),
          },
        ]
      : []),
    ...compared
      .filter(([, is, expected]) => is.join() !== expected.join())
      .map(([what, is, expected]) => ({ what, is: listed(is), expected: listed(expected) })),
  ];
}

const listed = (parts: readonly string[]) => (parts.length === 0 ? "none" : parts.join(", "));

/** The commit that gives a table these partitions, no order and the format of a new one; its files stay as they are. Pure. */
export function layoutCommit(table: WithLayout, partitionBy: readonly string[]): LayoutCommit {
  const { layout, schema } = table;
  const changed = new Set(layoutChanges(table, partitionBy).map(({ what }) => what));
  const requirements: object[] = [];
  const updates: object[] = [];
  if (changed.has("format version"))
    updates.push({ action: "upgrade-format-version", "format-version": formatVersion });
  if (changed.has("partitions")) {
    requirements.push(
      { type: "assert-default-spec-id", "default-spec-id": layout.specId },
      { type: "assert-last-assigned-partition-id", "last-assigned-partition-id": layout.lastPartitionId },
    );
    const fields = partitionFields(partitionBy, schema.fields, layout);
    // A catalog that has the spec already does not take it for the last one added.
    const known = layout.specs.find((spec) => isSame(spec.fields, fields));
    if (known === undefined)
      updates.push({
        action: "add-spec",
        spec: { "spec-id": Math.max(-1, ...ids(layout)) + 1, fields: asSent(fields) },
      });
    updates.push({ action: "set-default-spec", "spec-id": known?.id ?? -1 });
  }
  // Order 0 is Iceberg's word for none; adding it again changes nothing.
  if (changed.has("sort order"))
    updates.push(
      { action: "add-sort-order", "sort-order": { "order-id": 0, fields: [] } },
      { action: "set-default-sort-order", "sort-order-id": 0 },
    );
  return { requirements, updates };
}

const ids = ({ specs }: Layout) => specs.map(({ id }) => id);
const specOf = ({ specs, specId }: Layout) => specs.find(({ id }) => id === specId);

/** The fields of a spec. A field that some spec of the table had before keeps its id. */
export function partitionFields(
  partitionBy: readonly string[],
  columns: readonly TableField[],
  { specs, lastPartitionId }: Pick<Layout, "specs" | "lastPartitionId">,
): PartitionField[] {
  const before = specs.flatMap((spec) => spec.fields);
  let last = lastPartitionId;
  return partitionBy.map((text) => {
    const [, transform = "identity", column = text] = /^([\w[\]]+)\((.+)\)$/.exec(text) ?? [];
    const sourceId = columns.find(({ name }) => name === column)?.id ?? 0;
    const known = before.find((one) => one.sourceId === sourceId && one.transform === transform);
    const name = transform === "identity" ? column : `${column}_${transform}`;
    return known ?? { sourceId, fieldId: ++last, name, transform };
  });
}

export const asSent = (fields: readonly PartitionField[]) =>
  fields.map(({ sourceId, fieldId, name, transform }) => ({
    ...{ "source-id": sourceId, "field-id": fieldId, transform, name },
  }));

const said = (
  { sourceId, transform }: Pick<PartitionField, "sourceId" | "transform">,
  columns: readonly TableField[],
) => {
  const column = columns.find(({ id }) => id === sourceId)?.name ?? `column ${sourceId}`;
  return transform === "identity" ? column : `${transform}(${column})`;
};

const isSame = (left: readonly PartitionField[], right: readonly PartitionField[]) =>
  left.length === right.length &&
  left.every(
    (one, i) =>
      one.sourceId === right[i]?.sourceId &&
      one.transform === right[i]?.transform &&
      one.fieldId === right[i]?.fieldId,
  );

/** The layout in a table's metadata. */
export function readLayout(metadata: LayoutMetadata, columns: readonly TableField[]): Layout {
  const schema = metadata.schemas.find((one) => one["schema-id"] === metadata["current-schema-id"]);
  const order = metadata["sort-orders"]?.find((one) => one["order-id"] === metadata["default-sort-order-id"]);
  const named = (id: number) => columns.find((column) => column.id === id)?.name ?? `column ${id}`;
  return {
    formatVersion: metadata["format-version"],
    specId: metadata["default-spec-id"] ?? 0,
    specs: (metadata["partition-specs"] ?? []).map((spec) => ({
      id: spec["spec-id"],
      fields: spec.fields.map((field) => ({
        ...{
          sourceId: field["source-id"],
          fieldId: field["field-id"],
          name: field.name,
          transform: field.transform,
        },
      })),
    })),
    lastPartitionId: metadata["last-partition-id"] ?? firstPartitionId - 1,
    sortedBy: (order?.fields ?? []).map(
      (field) =>
        `${said({ sourceId: field["source-id"], transform: field.transform }, columns)} ${field.direction}`,
    ),
    identifiers: (schema?.["identifier-field-ids"] ?? []).map(named),
  };
}

/** Part of Iceberg's table metadata (iceberg.apache.org/spec, "Table Metadata Fields"). */
export interface LayoutMetadata {
  readonly "format-version": number;
  readonly "current-schema-id": number;
  readonly schemas: readonly {
    readonly "schema-id": number;
    readonly "identifier-field-ids"?: readonly number[];
  }[];
  readonly "default-spec-id"?: number;
  readonly "partition-specs"?: readonly {
    readonly "spec-id": number;
    readonly fields: readonly {
      readonly "source-id": number;
      readonly "field-id": number;
      readonly name: string;
      readonly transform: string;
    }[];
  }[];
  readonly "last-partition-id"?: number;
  readonly "default-sort-order-id"?: number;
  readonly "sort-orders"?: readonly {
    readonly "order-id": number;
    readonly fields: readonly {
      readonly "source-id": number;
      readonly transform: string;
      readonly direction: string;
    }[];
  }[];
}
