import { describe, expect, it } from "vitest";
import {
  asSent,
  type LayoutMetadata,
  layoutChanges,
  layoutCommit,
  newLayout,
  readLayout,
} from "../../../src/iceberg/layout.js";
import type { TableField } from "../../../src/iceberg/types.js";

const columns: TableField[] = [
  { id: 1, name: "id", type: "string", required: false },
  { id: 2, name: "day", type: "date", required: false },
];
const schema = { fields: columns };
const field = (sourceId: number, transform: string, fieldId: number, name: string) => ({
  ...{ "source-id": sourceId, "field-id": fieldId, transform, name },
});
/** A table by day, to which another engine has done what is given. */
const found = (more: Partial<LayoutMetadata> = {}) => {
  const metadata: LayoutMetadata = {
    "format-version": 2,
    "current-schema-id": 0,
    schemas: [{ "schema-id": 0 }],
    "default-spec-id": 0,
    "partition-specs": [{ "spec-id": 0, fields: [field(2, "identity", 1000, "day")] }],
    "last-partition-id": 1000,
    "default-sort-order-id": 0,
    "sort-orders": [{ "order-id": 0, fields: [] }],
    ...more,
  };
  return { schema, layout: readLayout(metadata, columns) };
};
const evolved = found({
  "default-spec-id": 1,
  "partition-specs": [
    { "spec-id": 0, fields: [field(2, "identity", 1000, "day")] },
    { "spec-id": 1, fields: [field(2, "identity", 1000, "day"), field(1, "bucket[4]", 1001, "id_bucket")] },
  ],
  "last-partition-id": 1001,
});

describe("layoutChanges", () => {
  it("are none between a table and what it was made with", () => {
    expect(found().layout).toEqual(newLayout(["day"], columns));
    expect(layoutChanges(found(), ["day"])).toEqual([]);
    // A later format is as good.
    expect(layoutChanges(found({ "format-version": 3 }), ["day"])).toEqual([]);
  });

  it("name each thing that another engine can change, as it is and as it is to be", () => {
    const changed = found({
      "format-version": 1,
      "current-schema-id": 1,
      schemas: [{ "schema-id": 0 }, { "schema-id": 1, "identifier-field-ids": [1] }],
      "default-sort-order-id": 1,
      "sort-orders": [
        { "order-id": 1, fields: [{ "source-id": 2, transform: "identity", direction: "desc" }] },
      ],
      "partition-specs": [{ "spec-id": 0, fields: [field(2, "month", 1000, "day_month")] }],
    });
    expect(layoutChanges(changed, ["day"])).toEqual([
      { what: "format version", is: "1", expected: "2" },
      { what: "partitions", is: "month(day)", expected: "day" },
      { what: "sort order", is: "day desc", expected: "none" },
      { what: "identifier fields", is: "id", expected: "none" },
    ]);
    expect(layoutChanges(evolved, ["day"])).toEqual([
      { what: "partitions", is: "day, bucket[4](id)", expected: "day" },
    ]);
  });
});

describe("layoutCommit", () => {
  it("goes back to a spec that the table had, by its id", () => {
    expect(layoutCommit(evolved, ["day"])).toEqual({
      requirements: [
        { type: "assert-default-spec-id", "default-spec-id": 1 },
        { type: "assert-last-assigned-partition-id", "last-assigned-partition-id": 1001 },
      ],
      updates: [{ action: "set-default-spec", "spec-id": 0 }],
    });
  });

  it("adds a new one, whose fields get ids that no other has", () => {
    expect(layoutCommit(evolved, ["month(day)"]).updates).toEqual([
      { action: "add-spec", spec: { "spec-id": 2, fields: [field(2, "month", 1002, "day_month")] } },
      { action: "set-default-spec", "spec-id": -1 },
    ]);
    expect(asSent(newLayout(["month(day)"], columns).specs[0]?.fields ?? [])).toEqual([
      field(2, "month", 1000, "day_month"),
    ]);
  });

  it("takes the sort order away, and brings an old format up", () => {
    const sorted = found({
      "format-version": 1,
      "default-sort-order-id": 1,
      "sort-orders": [
        { "order-id": 1, fields: [{ "source-id": 2, transform: "identity", direction: "asc" }] },
      ],
    });
    expect(layoutCommit(sorted, ["day"])).toEqual({
      requirements: [],
      updates: [
        { action: "upgrade-format-version", "format-version": 2 },
        { action: "add-sort-order", "sort-order": { "order-id": 0, fields: [] } },
        { action: "set-default-sort-order", "sort-order-id": 0 },
      ],
    });
    expect(layoutCommit(found(), ["day"])).toEqual({ requirements: [], updates: [] });
  });
});
