import { describe, expect, it } from "vitest";
import type { Table, TableId } from "../../../../src/iceberg/catalog.js";
import type { Mart } from "../../../../src/pipeline/marts/mart.js";
import { planMart } from "../../../../src/pipeline/marts/mart-plan.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { problemOf } from "../../../helpers/problem.js";
import { fakeServer } from "../../../helpers/server.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";
import { inside, workspaceOf } from "../../../helpers/workspace.js";

const mart: Mart = {
  name: "a",
  file: "datasets/taxi/marts/a.sql",
  sql: "SELECT id\nFROM silver.cleaned_trips",
  bare: "",
  line: 3,
  description: "",
  notes: [],
  table: { namespace: "gold", table: "taxi_a", qualified: "gold.taxi_a" },
};
const scan = (table: string, snapshotId?: string) =>
  `LogicalTableScan(table=[[lake, ${table.replace(".", ", ")}]]${snapshotId === undefined ? "" : `, hints=[[[OPTIONS inheritPath:[] options:{snapshot-id=${snapshotId}}]]]`})`;

/** @param plans what EXPLAIN says, the first and the second time */
async function plan(plans: readonly string[], tables: Readonly<Record<string, Table>>) {
  let asked = 0;
  const { runtime, queries } = await fakeGateway((sql) =>
    sql.startsWith("DESCRIBE") ? [["id", "CHAR(3)", false]] : [[plans[asked++] ?? ""]],
  );
  const catalog = { table: async ({ namespace, table }: TableId) => tables[`${namespace}.${table}`] };
  return { planned: planMart(workspaceOf({ runtime, catalog }), mart), queries };
}
const silver = icebergTable([snapshot("7", null)]);
const empty = icebergTable([]);

describe("the plan of a mart", () => {
  it("has the snapshots that it reads and the columns that it gives", async () => {
    const names = ["silver.cleaned_trips", "bronze.none"];
    const { planned, queries } = await plan(
      [
        names.map((name) => scan(name)).join("\n"),
        [scan("silver.cleaned_trips", "7"), scan("bronze.none")].join("\n"),
      ],
      { "silver.cleaned_trips": silver, "bronze.none": empty },
    );
    expect(await planned).toEqual({
      columns: [{ name: "id", type: "string", required: false }],
      reads: { "bronze.none": null, "silver.cleaned_trips": "7" },
    });
    // As far down as in the file.
    expect(queries[0]).toBe("EXPLAIN\n\nSELECT id\nFROM silver.cleaned_trips\n");
  });

  it("is refused where a table is read past its snapshot", async () => {
    const { planned } = await plan([scan("silver.cleaned_trips"), scan("silver.cleaned_trips")], {
      "silver.cleaned_trips": silver,
    });
    const error = await problemOf(() => planned);
    expect(error.code).toBe("mart_unpinned");
    expect(error.message).toContain("a.sql:3: reads silver.cleaned_trips at another snapshot");
  });

  it.each([
    ["gold.taxi_a", "a.sql:3: reads gold.taxi_a, the table that it makes"],
    ["silver.cleaned_trips$files", "is no table of the lake"],
  ])("is refused where it reads %s", async (name, words) => {
    const { planned } = await plan([scan(name)], { "gold.taxi_a": silver });
    expect((await problemOf(() => planned)).message).toContain(words);
  });

  it("that Flink refuses is told with the line of the file", async () => {
    const { url } = await fakeServer(({ path, body }) => {
      if (path === "/v3/sessions") return { body: { sessionHandle: "s" } };
      if (path.endsWith("/statements"))
        return body.includes("EXPLAIN")
          ? {
              status: 500,
              body: {
                errors: [
                  "x\nCaused by: y.CalciteContextException: From line 4, column 2 to line 4, column 9: Column 'x' not found\nCaused by: y.SqlValidatorException: Column 'x' not found",
                ],
              },
            }
          : { body: { operationHandle: "o" } };
      return { body: { resultType: "EOS", results: { columns: [], data: [] } } };
    });
    const workspace = workspaceOf({ runtime: { inside, gateway: async () => ({ url }) } });
    const error = await problemOf(() => planMart(workspace, mart));
    expect(error.message).toBe("datasets/taxi/marts/a.sql:4: SqlValidatorException: Column 'x' not found");
  });
});
