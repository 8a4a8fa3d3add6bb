import { describe, expect, it } from "vitest";
import { type ColumnType, parseColumnType } from "../../../../src/dataset/column-type.js";
import type { Column, Dataset } from "../../../../src/dataset/types.js";
import { tableDefinitions } from "../../../../src/lake/definitions.js";
import type { Tables } from "../../../../src/lake/tables.js";
import { rulesFor, silverProperty } from "../../../../src/ledger/silver-state.js";
import { differences } from "../../../../src/pipeline/evolve/diff.js";
import { icebergTable, schemaOf, snapshot } from "../../../helpers/tables.js";
import { taxi } from "../../../helpers/workspace.js";

/** Tables as a dataset's own runs have left them. */
function tablesOf(dataset: Dataset, made: unknown = rulesFor(dataset)): Tables {
  const definitions = tableDefinitions(dataset);
  const table = (kind: keyof Tables, properties = {}) =>
    icebergTable([snapshot("1", null)], {
      ...{ id: dataset.tables[kind], schema: schemaOf(definitions[kind]), properties },
    });
  const state = { version: 1, bronzeSnapshot: "1", silverSnapshot: "1", ...(made as object) };
  return {
    bronze: table("bronze"),
    dlq: table("dlq"),
    silver: table("silver", { [silverProperty]: JSON.stringify(state) }),
  };
}

const typed = (column: Column, type: string): Column => ({
  ...column,
  type,
  parsedType: parseColumnType(type) as ColumnType,
});
const withColumn = (name: string, change: (column: Column) => Column): Dataset => ({
  ...taxi,
  columns: taxi.columns.map((column) => (column.name === name ? change(column) : column)),
});
const added: Column = {
  ...typed(taxi.columns[0] as Column, "STRING"),
  ...{ name: "surge", source: "surge", silver: "surge", aliases: [], description: "" },
};
const wider = withColumn("VendorID", (column) => typed(column, "BIGINT"));
const changesOf = (dataset: Dataset, tables = tablesOf(taxi)) => {
  const { tables: diffs, silverAnew } = differences(dataset, tables);
  const list = diffs.flatMap(({ kind, changes }) =>
    changes.map(({ column, change }) => `${kind} ${column} ${change}`),
  );
  return { list, silverAnew, refused: diffs.flatMap(({ refusals }) => refusals.map(({ column }) => column)) };
};

describe("differences", () => {
  it("are none between a dataset and the tables that it made", () => {
    expect(changesOf(taxi)).toEqual({ list: [], silverAnew: false, refused: [] });
  });

  it("are a column in bronze and silver, whose rows stay as they are", () => {
    expect(changesOf({ ...taxi, columns: [...taxi.columns, added] })).toEqual({
      list: ["bronze surge added", "silver surge added"],
      ...{ silverAnew: false, refused: [] },
    });
  });

  it("are a wider type, also of a column that is in silver's key", () => {
    expect(changesOf(wider)).toMatchObject({
      list: ["bronze VendorID widened", "silver vendor_id widened"],
      silverAnew: false,
    });
  });

  it.each([
    ["a filter", { filters: ["total_amount > 1"] }],
    ["a key", { naturalKey: taxi.silver.naturalKey.slice(1) }],
    ["a winner", { wins: "last" as const }],
    [
      "another expression",
      { derived: taxi.silver.derived.map((column) => ({ ...column, expr: `${column.expr} + 1` })) },
    ],
    [
      "a wider expression",
      {
        derived: taxi.silver.derived.map((column) =>
          column.type === "INT" ? { ...column, type: "BIGINT" } : column,
        ),
      },
    ],
  ])("make silver anew for %s", (_, rules) => {
    expect(changesOf({ ...taxi, silver: { ...taxi.silver, ...rules } }).silverAnew).toBe(true);
  });

  it("make silver anew for a column that bronze has had before", () => {
    const hidden = withColumn("extra", (column) => ({ ...column, silver: null }));
    expect(changesOf(taxi, tablesOf(hidden))).toMatchObject({
      list: ["silver extra added"],
      silverAnew: true,
    });
  });

  it("make silver anew where nobody knows by which rules it was made, if they are others", () => {
    const { rules } = rulesFor(taxi);
    expect(changesOf(taxi, tablesOf(taxi, { rules })).silverAnew).toBe(false);
    expect(changesOf(wider, tablesOf(taxi, { rules })).silverAnew).toBe(true);
  });

  it.each([
    ["a derived column", "trip_distance", "silver"],
    ["a filter", "total_amount", "silver"],
    ["an expression over a column that silver has not", "trip_distance", null],
  ])("make silver anew where %s is computed from a column that becomes wider", (_, name, silver) => {
    const of = (type: string) =>
      withColumn(name, (column) => ({
        ...typed(column, type),
        silver: silver === null ? null : column.silver,
      }));
    expect(changesOf(of("DOUBLE"), tablesOf(of("FLOAT"))).silverAnew).toBe(true);
  });

  it("make silver anew for fewer digits of a second, which Iceberg does not know of", () => {
    const shorter = withColumn("tpep_dropoff_datetime", (column) => typed(column, "TIMESTAMP(0)"));
    expect(changesOf({ ...shorter, columns: [...shorter.columns, added] }).silverAnew).toBe(true);
  });

  it("refuse a FLOAT of the natural key that becomes a DOUBLE", () => {
    const float = withColumn("fare_amount", (column) => typed(column, "FLOAT"));
    expect(changesOf(taxi, tablesOf(float)).refused).toEqual(["fare_amount"]);
  });

  it("are none for tables that are not there", () => {
    expect(differences(taxi, {}).tables.map(({ exists, changes }) => [exists, changes])).toEqual(
      Array(3).fill([false, []]),
    );
  });
});
