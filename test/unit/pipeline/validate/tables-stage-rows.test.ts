import { describe, expect, it } from "vitest";
import type { Table } from "../../../../src/iceberg/catalog.js";
import { newLayout } from "../../../../src/iceberg/layout.js";
import { silverProperty } from "../../../../src/ledger/silver-state.js";
import { tablesCheck } from "../../../../src/pipeline/validate/tables-stage.js";
import { look } from "../../../../src/pipeline/validate/validate.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";
import { contextOf } from "../../../helpers/validate-context.js";
import { taxi, workspaceOf } from "../../../helpers/workspace.js";

const lookAt = async (tables: Partial<Record<keyof typeof taxi.tables, Table>>) => {
  const kindOf = (name: string) =>
    (Object.keys(taxi.tables) as (keyof typeof taxi.tables)[]).find(
      (kind) => taxi.tables[kind].table === name,
    );
  const catalog = { table: async ({ table }: { table: string }) => tables[kindOf(table) ?? "dlq"] };
  return await look(tablesCheck, contextOf(workspaceOf({ catalog })));
};
const total = (rows: number, more: Record<string, string> = {}) => ({
  summary: { "total-records": String(rows), ...more },
});
const state = (more: object) => ({
  [silverProperty]: JSON.stringify({
    version: 1,
    bronzeSnapshot: "9",
    silverSnapshot: "1",
    rules: "",
    ...more,
  }),
});
const day = [{ id: 1, name: "pickup_date", type: "date", required: false }];
const silver = (snapshots: ReturnType<typeof snapshot>[], made: object) =>
  icebergTable(snapshots, {
    ...{ id: taxi.tables.silver, properties: state(made) },
    schema: { id: 0, fields: day, lastColumnId: 1 },
  });

describe("silver's rows by its state", () => {
  it("are those of its snapshot, and what its stream has appended since", async () => {
    const made = snapshot("1", null, total(210));
    expect(await lookAt({ silver: silver([made], { rows: 210 }) })).toMatchObject({ status: "pass" });
    const jobs = { run: "r", jobs: ["ab"], topology: "t" };
    const appended = snapshot("2", "1", total(215, { "flink.job-id": "ab", "added-records": "5" }));
    expect(await lookAt({ silver: silver([made, appended], { rows: 210, stream: jobs }) })).toMatchObject({
      status: "pass",
    });
    // One that an earlier version has written does not say.
    expect(await lookAt({ silver: silver([made, appended], {}) })).toMatchObject({ status: "pass" });
  });

  it("are not what another program has made of them: plain validate fails and says what to do", async () => {
    const more = snapshot("2", "1", total(415, { "added-records": "205" }));
    const made = snapshot("1", null, total(210));
    expect(await lookAt({ silver: silver([made, more], { rows: 210 }) })).toEqual({
      status: "fail",
      detail:
        "no table needs any; silver.cleaned_trips has 415 rows, and pipectl made 210: another program wrote to it",
      hint: "pipectl process-silver",
    });
    // A rewrite that keeps no row is none, whatever it calls itself.
    const lossy = snapshot("2", "1", { ...total(209), operation: "replace" });
    expect(await lookAt({ silver: silver([made, lossy], { rows: 210 }) })).toMatchObject({ status: "fail" });
  });
});

describe("a table that another engine has partitioned anew", () => {
  it("fails, with what is there, what is expected and the way back", async () => {
    const layout = newLayout(["month(pickup_date)"], day);
    const table = { ...silver([snapshot("1", null)], {}), layout };
    expect(await lookAt({ silver: table })).toEqual({
      status: "fail",
      detail: "no table needs any; silver.cleaned_trips: partitions: month(pickup_date), to be pickup_date",
      hint: "pipectl dataset apply",
    });
  });
});
