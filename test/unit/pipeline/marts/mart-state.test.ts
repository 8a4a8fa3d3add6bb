import { describe, expect, it } from "vitest";
import type { IcebergCatalog, Table, TableId } from "../../../../src/iceberg/catalog.js";
import { newLayout } from "../../../../src/iceberg/layout.js";
import type { Mart } from "../../../../src/pipeline/marts/mart.js";
import {
  hashOf,
  type MartState,
  martProperty,
  recordedMart,
  stateOf,
  whyBehind,
} from "../../../../src/pipeline/marts/mart-state.js";
import { problemOf } from "../../../helpers/problem.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";
import { taxi } from "../../../helpers/workspace.js";

const mart: Mart = {
  name: "revenue",
  file: "datasets/taxi/marts/revenue.sql",
  sql: "SELECT 1",
  bare: "SELECT 1",
  line: 1,
  description: "",
  notes: [],
  table: { namespace: "gold", table: "taxi_revenue", qualified: "gold.taxi_revenue" },
};
const silver = icebergTable([snapshot("5", null)]);
const made = { sql: hashOf(mart), reads: { "silver.cleaned_trips": "5" }, snapshot: "9" };
const own = (state: unknown, last = "9") =>
  icebergTable([snapshot(last, null)], { properties: { [martProperty]: JSON.stringify(state) } });
const catalogOf = (read: Table | undefined) =>
  ({
    table: async ({ namespace }: TableId) => (namespace === "silver" ? read : undefined),
  }) as IcebergCatalog;
const why = async (state: MartState["made"], read: Table | undefined = silver, last = "9") =>
  await whyBehind(catalogOf(read), own({}, last), stateOf(taxi, mart, state), mart);

describe("a mart is behind", () => {
  it("not as long as its query and the rows of what it read are the same", async () => {
    expect(await why(made)).toBeUndefined();
    const compacted = icebergTable([snapshot("5", null), snapshot("6", "5", { operation: "replace" })]);
    expect(await why(made, compacted)).toBeUndefined();
  });

  it.each([
    ["never made", undefined, silver, "9"],
    ["its SQL has changed", { ...made, sql: "other" }, silver, "9"],
    ["another program wrote to it", made, silver, "10"],
    ["behind silver.cleaned_trips", made, icebergTable([snapshot("5", null), snapshot("6", "5")]), "9"],
    ["behind silver.cleaned_trips", made, icebergTable([]), "9"],
  ] as const)("as in: %s", async (text, state, read, last) => {
    expect(await why(state, read, last)).toBe(text);
  });

  it("where another engine has partitioned it: INSERT OVERWRITE would leave old rows", async () => {
    const fields = [{ id: 1, name: "day", type: "date", required: false }];
    const table = {
      ...own({}),
      schema: { id: 0, fields, lastColumnId: 1 },
      layout: newLayout(["day"], fields),
    };
    expect(await whyBehind(catalogOf(silver), table, stateOf(taxi, mart, made), mart)).toBe(
      "another program changed its partitions",
    );
  });

  it("where a table that it read is gone", async () => {
    expect(await whyBehind(catalogOf(undefined), own({}), stateOf(taxi, mart, made), mart)).toBe(
      "behind silver.cleaned_trips",
    );
  });
});

describe("a table", () => {
  it("is a mart's own when it says so", () => {
    expect(recordedMart(own(stateOf(taxi, mart, made)), taxi, mart)).toEqual(stateOf(taxi, mart, made));
  });

  it.each([
    [own({ version: 1, mart: "orders/revenue" }), "is the mart orders/revenue"],
    [icebergTable([]), "is no mart"],
  ])("of somebody else is left alone (%#)", async (table, words) => {
    const error = await problemOf(() => recordedMart(table, taxi, mart));
    expect(error.code).toBe("mart_table_taken");
    expect(error.message).toContain(words);
  });
});
