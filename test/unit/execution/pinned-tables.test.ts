import { describe, expect, it } from "vitest";
import { pinnedTables, scansOf } from "../../../src/execution/pinned-tables.js";

/** As Flink 2.1 writes it, with a subquery within a condition. */
const explained = `== Abstract Syntax Tree ==
LogicalProject(pickup_date=[$0], EXPR$6=[EXTRACT(FLAG(YEAR), $0)])
+- LogicalFilter(condition=[AND(>($1, $SCALAR_QUERY({
LogicalAggregate(group=[{}], EXPR$0=[COUNT()])
  LogicalProject($f0=[0])
    LogicalTableScan(table=[[lake, bronze, raw_trips]])
})), IN($0, {
LogicalProject(pickup_date=[$21])
  LogicalTableScan(table=[[default_catalog, default_database, t]])
}))])
   +- LogicalTableScan(table=[[lake, silver, cleaned_trips]], hints=[[[OPTIONS inheritPath:[] options:{snapshot-id=4216890028766770605}]]])

== Optimized Physical Plan ==
TableSourceScan(table=[[lake, gold, other]], fields=[a])
`;

describe("tables that a query reads", () => {
  it("are those of the lake in its plan, each with its snapshot", () => {
    expect(scansOf(explained)).toEqual([
      { table: "bronze.raw_trips", snapshot: null },
      { table: "silver.cleaned_trips", snapshot: "4216890028766770605" },
    ]);
  });

  it("get views in front of them, as of one snapshot; one without a snapshot stays empty", () => {
    const reads = { "silver.cleaned_trips": "7", "silver.`odd": null, "gold.a": "9" };
    expect(pinnedTables("c`", reads)).toEqual([
      "CREATE CATALOG `c``` WITH ('type' = 'generic_in_memory')",
      "CREATE DATABASE IF NOT EXISTS `c```.`gold`",
      "CREATE DATABASE IF NOT EXISTS `c```.`silver`",
      "CREATE VIEW `c```.`silver`.`cleaned_trips` AS SELECT * FROM lake.`silver`.`cleaned_trips` /*+ OPTIONS('snapshot-id' = '7') */",
      "CREATE VIEW `c```.`silver`.```odd` AS SELECT * FROM lake.`silver`.``odd` WHERE FALSE",
      "CREATE VIEW `c```.`gold`.`a` AS SELECT * FROM lake.`gold`.`a` /*+ OPTIONS('snapshot-id' = '9') */",
    ]);
  });
});
