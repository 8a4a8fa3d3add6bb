import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../src/dataset/types.js";
import { readyTables } from "../../../src/execution/ready-tables.js";
import { streamPrefix } from "../../../src/execution/stream-jobs.js";
import type { JobOverview } from "../../../src/flink/rest.js";
import type { SchemaChange, TableId } from "../../../src/iceberg/catalog.js";
import { tableDefinitions, tableKinds } from "../../../src/lake/definitions.js";
import { problemOf } from "../../helpers/problem.js";
import { icebergTable, schemaOf } from "../../helpers/tables.js";
import { taxi, workspaceOf } from "../../helpers/workspace.js";

const definitions = tableDefinitions(taxi);
const filtering: Dataset = { ...taxi, silver: { ...taxi.silver, filters: ["kafka_incarnation >= 0"] } };

/** A workspace with tables of an earlier version, or of now, and perhaps a silver that runs. */
function ready(dataset: Dataset, column: "kafka_epoch" | "kafka_incarnation", runs: boolean) {
  const changed: string[] = [];
  const tables = new Map(
    tableKinds.map((kind) => {
      const { fields, ...schema } = schemaOf(definitions[kind]);
      const named = fields.map((one) => (one.name === "kafka_incarnation" ? { ...one, name: column } : one));
      const id = taxi.tables[kind];
      return [id.table, icebergTable([], { id, schema: { ...schema, fields: named } })];
    }),
  );
  const job = { id: "ab", name: `${streamPrefix(taxi, "silver")} x`, state: "RUNNING", startTime: 1 };
  const workspace = workspaceOf({
    catalog: {
      table: async ({ table }: TableId) => tables.get(table),
      alter: async ({ table: { id }, fields }: SchemaChange) => {
        changed.push(id.table);
        const table = tables.get(id.table) as ReturnType<typeof icebergTable>;
        tables.set(id.table, { ...table, schema: { ...table.schema, fields } });
      },
    },
    flink: { jobs: async () => (runs ? [job as JobOverview] : []) },
  });
  return { changed, tables: () => readyTables({ ...workspace, dataset }) };
}

describe("tables for a command that writes", () => {
  it("are taken over under a running silver, which goes by ids", async () => {
    const { changed, tables } = ready(taxi, "kafka_epoch", true);
    await tables();
    expect(changed).toEqual(["raw_trips", "raw_trips_dlq"]);
  });

  it("are not under one that filters by the column's name, which would find no row any more", async () => {
    const { changed, tables } = ready(filtering, "kafka_epoch", true);
    expect(await problemOf(tables)).toMatchObject({
      code: "silver_running",
      message:
        "bronze.raw_trips was made by an earlier version, and job ab filters it by a column that gets another name now",
      hint: "pipectl stop, then the same command; or at once: pipectl restart-streaming --silver",
    });
    expect(changed).toEqual([]);
  });

  it.each([
    ["when it is stopped", "kafka_epoch", false, ["raw_trips", "raw_trips_dlq"]],
    ["and stay as they are when they have the name already", "kafka_incarnation", true, []],
  ] as const)("are %s", async (_when, column, runs, expected) => {
    const { changed, tables } = ready(filtering, column, runs);
    await tables();
    expect(changed).toEqual(expected);
  });
});
