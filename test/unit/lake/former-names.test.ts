import { describe, expect, it } from "vitest";
import { failed } from "../../../src/core/errors.js";
import type { IcebergCatalog, SchemaChange, Table, TableId } from "../../../src/iceberg/catalog.js";
import { tableDefinitions } from "../../../src/lake/definitions.js";
import { rowsOf } from "../../../src/lake/former-names.js";
import { asOf } from "../../../src/lake/read-options.js";
import { ensureTables, evolutionOf } from "../../../src/lake/tables.js";
import { problemOf } from "../../helpers/problem.js";
import { icebergTable, schemaOf } from "../../helpers/tables.js";
import { taxi } from "../../helpers/workspace.js";

const definitions = tableDefinitions(taxi);
const kinds = ["bronze", "dlq", "silver"] as const;

/** Tables as an earlier version made them. */
function formerTables(): Map<string, Table> {
  return new Map(
    kinds.map((kind) => {
      const { fields, ...schema } = schemaOf(definitions[kind]);
      const former = fields.map((one) =>
        one.name === "kafka_incarnation" ? { ...one, name: "kafka_epoch" } : one,
      );
      const id = taxi.tables[kind];
      return [id.table, icebergTable([], { id, schema: { ...schema, fields: former } })];
    }),
  );
}

/** A catalog of them. `refuse` stands in for the first change: whether somebody else has made it, the catalog says no. */
function catalogOf(tables: Map<string, Table>, refuse?: (change: SchemaChange) => void) {
  const changes: SchemaChange[] = [];
  let refused = false;
  const change = (one: SchemaChange) => {
    const { schema, ...table } = tables.get(one.table.id.table) as Table;
    tables.set(one.table.id.table, {
      ...table,
      schema: { ...schema, id: schema.id + 1, fields: one.fields },
    });
  };
  const catalog = {
    table: async ({ table }: TableId) => tables.get(table),
    alter: async (one: SchemaChange) => {
      if (refuse !== undefined && !refused) {
        refused = true;
        refuse(one);
        throw failed("commit_conflict", "schema changed");
      }
      changes.push(one);
      change(one);
    },
  } as unknown as IcebergCatalog;
  return { catalog, changes, change };
}

describe("tables of an earlier version", () => {
  it("get the column's name of now and keep its id, and nothing else of them changes", async () => {
    const tables = formerTables();
    const before = new Map(tables);
    const { catalog, changes } = catalogOf(tables);
    const { bronze, dlq } = await ensureTables(catalog, taxi);
    expect(
      changes.map(({ table: { id, schema }, setProperties }) => [id.table, schema.id, setProperties]),
    ).toEqual([
      ["raw_trips", 0, {}],
      ["raw_trips_dlq", 0, {}],
    ]);
    for (const table of [bronze, dlq]) {
      const old = before.get(table.id.table)?.schema.fields ?? [];
      expect(table.schema.fields).toEqual(
        old.map((one) => (one.name === "kafka_epoch" ? { ...one, name: "kafka_incarnation" } : one)),
      );
    }
    await ensureTables(catalog, taxi);
    expect(changes).toHaveLength(2);
  });

  it("get the column of hashes, behind all others and with an id of its own, but silver does not", async () => {
    const tables = formerTables();
    for (const [name, table] of tables) {
      const fields = table.schema.fields.filter((one) => one.name !== "row_hash");
      tables.set(name, { ...table, schema: { ...table.schema, fields } });
    }
    const before = tables.get("raw_trips") as Table;
    const { catalog, changes } = catalogOf(tables);
    const { bronze } = await ensureTables(catalog, taxi);
    expect(changes.map(({ table }) => table.id.table)).toEqual(["raw_trips", "raw_trips_dlq"]);
    expect(bronze.schema.fields.at(-1)).toMatchObject({
      ...{ id: before.schema.lastColumnId + 1, name: "row_hash", type: "long", required: false },
    });
    expect(changes[0]?.lastColumnId).toBe(before.schema.lastColumnId + 1);
    await ensureTables(catalog, taxi);
    expect(changes).toHaveLength(2);
  });

  it("may be taken over by another program at the same moment, but by nobody who did something else", async () => {
    const tables = formerTables();
    const other = catalogOf(tables);
    const { catalog, changes } = catalogOf(tables, (one) => other.change(one));
    await ensureTables(catalog, taxi);
    expect(changes.map(({ table }) => table.id.table)).toEqual(["raw_trips_dlq"]);
    const refused = catalogOf(formerTables(), () => {}).catalog;
    expect(await problemOf(() => ensureTables(refused, taxi))).toMatchObject({ code: "commit_conflict" });
  });

  it("are refused for whatever else differs, as ever", async () => {
    const tables = formerTables();
    const bronze = tables.get("raw_trips") as Table;
    const fields = bronze.schema.fields.filter(({ name }) => name !== "extra");
    tables.set("raw_trips", { ...bronze, schema: { ...bronze.schema, fields } });
    const { message } = await problemOf(() => ensureTables(catalogOf(tables).catalog, taxi));
    expect(message).toBe(
      "bronze.raw_trips is not as the manifest describes it: extra is to be added (double)",
    );
  });

  it("are read under the name of now before anybody has taken them over", () => {
    const dlq = formerTables().get("raw_trips_dlq") as Table;
    const rows = "lake.`bronze`.`raw_trips_dlq` /*+ OPTIONS('snapshot-id' = '3') */";
    expect(rowsOf(dlq, asOf("3"))).toBe(`(SELECT *, \`kafka_epoch\` AS \`kafka_incarnation\` FROM ${rows})`);
    const taken = icebergTable([], { id: taxi.tables.dlq, schema: schemaOf(definitions.dlq) });
    expect(rowsOf(taken, asOf("3"))).toBe(rows);
  });

  it("differ from the manifest by the name, in words", () => {
    const { changes, refusals } = evolutionOf(formerTables().get("raw_trips") as Table, definitions.bronze);
    expect(changes).toEqual([
      { column: "kafka_incarnation", change: "renamed", from: "kafka_epoch", to: "kafka_incarnation" },
    ]);
    expect(refusals).toEqual([]);
    // A table that is not ours may call a column like that.
    const fields = [{ name: "kafka_epoch", type: "int", required: false }];
    const foreign = icebergTable([], { schema: schemaOf({ fields }) });
    expect(evolutionOf(foreign, { fields, partitionBy: [], properties: {} }).changes).toEqual([]);
  });
});
