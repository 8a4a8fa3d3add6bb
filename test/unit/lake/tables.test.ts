import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../src/dataset/types.js";
import type { IcebergCatalog, NewTable, TableId } from "../../../src/iceberg/catalog.js";
import type { IcebergField } from "../../../src/iceberg/types.js";
import { tableDefinitions } from "../../../src/lake/definitions.js";
import { silverColumns } from "../../../src/lake/silver-columns.js";
import { ensureTables, evolutionOf, loadTables } from "../../../src/lake/tables.js";
import { problemOf } from "../../helpers/problem.js";
import { icebergTable, schemaOf } from "../../helpers/tables.js";
import { taxi } from "../../helpers/workspace.js";

const names = (table: NewTable) => table.fields.map(({ name }) => name);
const definitions = tableDefinitions(taxi);

describe("tableDefinitions", () => {
  const kafka = ["kafka_incarnation", "kafka_partition", "kafka_offset", "kafka_timestamp"];

  it("gives bronze the dataset's columns as sent, and where each row came from", () => {
    expect(names(definitions.bronze)).toEqual([
      ...taxi.columns.map(({ name }) => name),
      "extra_fields",
      ...kafka,
      "ingestion_ts",
      "row_hash",
    ]);
    expect(definitions.bronze.partitionBy).toEqual(["kafka_partition"]);
    expect(definitions.bronze.properties["write.summary.partition-limit"]).toBe("10000");
  });

  it("gives dead letters the record as sent and the reason", () => {
    expect(definitions.dlq.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "kafka_incarnation int",
      "kafka_partition int",
      "kafka_offset long",
      "kafka_timestamp timestamptz",
      "kafka_key binary",
      "raw_value binary",
      "error string",
      "ingestion_ts timestamptz",
      "row_hash long",
    ]);
  });

  it("requires exactly the columns that tell a record apart", () => {
    for (const table of [definitions.bronze, definitions.dlq]) {
      expect(table.fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(
        kafka.slice(0, 3),
      );
    }
    expect(definitions.silver.fields.some(({ required }) => required)).toBe(false);
  });

  it("partitions silver by its day", () => {
    expect(definitions.silver.partitionBy).toEqual(["pickup_date"]);
    expect(definitions.silver.fields.find(({ name }) => name === "pickup_date")?.type).toBe("date");
  });
});

describe("silverColumns", () => {
  it("are the id, the renamed columns, the partition and the derived ones, in this order", () => {
    const columns = silverColumns(taxi);
    expect(columns.map(({ name }) => name)).toEqual([
      "trip_id",
      ...taxi.columns.flatMap(({ silver }) => (silver === null ? [] : [silver])),
      "pickup_date",
      ...taxi.silver.derived.map(({ name }) => name),
    ]);
    expect(columns.find(({ name }) => name === "vendor_id")).toMatchObject({
      expr: "`VendorID`",
      type: "INT",
    });
  });

  it("leaves out a column that silver does not have", () => {
    const columns = taxi.columns.map((column) =>
      column.name === "extra" ? { ...column, silver: null } : column,
    );
    const dataset: Dataset = { ...taxi, columns };
    expect(silverColumns(dataset).some(({ expr }) => expr === "`extra`")).toBe(false);
    expect(silverColumns(dataset)).toHaveLength(silverColumns(taxi).length - 1);
  });

  it("makes the id of the natural key, telling a NULL from an empty text", () => {
    const dataset: Dataset = { ...taxi, silver: { ...taxi.silver, naturalKey: ["a", "b"] } };
    expect(silverColumns(dataset)[0]).toEqual({
      name: "trip_id",
      type: "STRING",
      expr: "MD5(CONCAT(COALESCE(CAST(`a` AS STRING), '\\N'), '|', COALESCE(CAST(`b` AS STRING), '\\N')))",
      doc: "MD5 of a, b, joined by |",
    });
  });
});

describe("ensureTables", () => {
  /** A catalog of so many of the dataset's tables, with the columns they should have. */
  function catalogWith(...kinds: (keyof typeof definitions)[]) {
    const present = new Map(kinds.map((kind) => [taxi.tables[kind].table, schemaOf(definitions[kind])]));
    const created: string[] = [];
    const catalog = {
      table: async (id: TableId) => {
        const schema = present.get(id.table);
        return schema === undefined ? undefined : icebergTable([], { id, schema });
      },
      createTable: async (id: TableId, table: NewTable) => {
        created.push(id.table);
        present.set(id.table, schemaOf(table));
        return true;
      },
    } as unknown as IcebergCatalog;
    return { catalog, created, present };
  }

  it("creates those that are missing, and no other", async () => {
    const { catalog, created } = catalogWith("bronze");
    const tables = await ensureTables(catalog, taxi);
    expect(created.sort()).toEqual(["cleaned_trips", "raw_trips_dlq"]);
    expect(Object.values(tables).map(({ id }) => id.table)).toEqual([
      "raw_trips",
      "raw_trips_dlq",
      "cleaned_trips",
    ]);
  });

  it("refuses a table with other columns, and names them; descriptions may differ", async () => {
    const { catalog, present } = catalogWith("bronze", "dlq", "silver");
    const { fields } = definitions.bronze;
    const told = async (changed: readonly IcebergField[]) => {
      present.set("raw_trips", schemaOf({ fields: changed }));
      return await problemOf(() => ensureTables(catalog, taxi));
    };
    const error = await told([
      ...fields.filter(({ name }) => name !== "extra"),
      { name: "more", type: "int", required: false },
    ]);
    expect(error).toMatchObject({
      ...{ kind: "failed", code: "table_differs" },
      hint: expect.stringContaining("pipectl dataset diff"),
    });
    expect(error.message).toBe(
      "bronze.raw_trips is not as the manifest describes it: more: the table has it, the manifest has not: dropping or " +
        "renaming it would take values away from those who read them; extra is to be added (double)",
    );
    expect((await told([...fields].reverse())).message).toMatch(/is to be moved(;|$)/);
    present.set("raw_trips", schemaOf({ fields: fields.map((field) => ({ ...field, doc: "another" })) }));
    await ensureTables(catalog, taxi);
  });

  it("asks the catalog once where no table is missing", async () => {
    const { catalog, created } = catalogWith("bronze", "dlq", "silver");
    let asked = 0;
    const table = async (id: TableId) => {
      asked += 1;
      return await catalog.table(id);
    };
    await ensureTables({ ...catalog, table }, taxi);
    expect([asked, created]).toEqual([3, []]);
  });

  it("says so where a table that was created is not there", async () => {
    const { catalog } = catalogWith("bronze", "silver");
    const forgetful = { ...catalog, createTable: async () => true };
    const error = await problemOf(() => ensureTables(forgetful, taxi));
    expect(error).toMatchObject({ kind: "failed", code: "table_missing" });
    expect(error.message).toContain("bronze.raw_trips_dlq");
  });

  it.each([
    [5, false],
    [6, true],
  ])("names up to five differences: of %i", async (many, cut) => {
    const { catalog, present } = catalogWith("bronze", "dlq", "silver");
    // The dataset's own columns come first: they may be NULL, so they can be added.
    present.set("raw_trips", schemaOf({ fields: definitions.bronze.fields.slice(many) }));
    const { message } = await problemOf(() => ensureTables(catalog, taxi));
    expect(message.match(/is to be added/g)).toHaveLength(5);
    expect(message.endsWith("; …")).toBe(cut);
  });

  it("loads without creating any", async () => {
    const { catalog, created } = catalogWith("dlq");
    const tables = await loadTables(catalog, taxi);
    expect(Object.entries(tables).map(([kind, { id }]) => [kind, id.table])).toEqual([
      ["dlq", "raw_trips_dlq"],
    ]);
    expect(created).toEqual([]);
  });
});

describe("evolutionOf", () => {
  it("counts new columns on from the highest id that the table has ever used", () => {
    const schema = { ...schemaOf(definitions.dlq), lastColumnId: 40 };
    const more = { name: "more", type: "int" as const, required: false };
    const wanted = { ...definitions.dlq, fields: [...definitions.dlq.fields, more] };
    const { fields, lastColumnId } = evolutionOf(icebergTable([], { schema }), wanted);
    expect(lastColumnId).toBe(41);
    expect(fields.at(-1)).toMatchObject({ id: 41, name: "more" });
    expect(evolutionOf(icebergTable([], { schema }), definitions.dlq)).toMatchObject({
      ...{ lastColumnId: 40, changes: [], refusals: [] },
    });
  });
});
