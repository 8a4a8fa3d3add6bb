import { describe, expect, it } from "vitest";
import type { Table } from "../../../../src/iceberg/catalog.js";
import { dlqSummary, reasonLines } from "../../../../src/pipeline/dead-letters/summary.js";
import { deadLetterGroup, groupRow } from "../../../helpers/dead-letters.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { icebergTable, landing } from "../../../helpers/tables.js";
import { configOf, workspaceOf } from "../../../helpers/workspace.js";

const nothing = { total: 0, accepted: 0, open: 0, max: null, reasons: [], partitions: [], acceptances: [] };

async function summaryOf(table: Table | undefined, groups = [deadLetterGroup()], max = "") {
  const { runtime, queries } = await fakeGateway(() => groups.map(groupRow));
  const config = configOf({ STATE_DIR: "/nowhere/state", DLQ_MAX: max });
  const result = await dlqSummary(workspaceOf({ config, catalog: { table: async () => table }, runtime }));
  return { result, queries };
}

describe("the dead letters in numbers", () => {
  it.each([
    ["no table", undefined],
    ["a table that nothing was written to", icebergTable()],
  ])("are none where there is %s, and Flink is not asked", async (_what, table) => {
    const { result, queries } = await summaryOf(table);
    expect([result, queries]).toEqual([
      { table: "bronze.raw_trips_dlq", exists: table !== undefined, ...nothing },
      [],
    ]);
  });

  it("are counted by reason and by partition, at one snapshot, with one query", async () => {
    const groups = [
      deadLetterGroup({ partition: 1, count: 2 }),
      deadLetterGroup({ count: 3 }),
      deadLetterGroup({ incarnation: 1, reason: "field", field: "extra", count: 4 }),
    ];
    const { result, queries } = await summaryOf(icebergTable([landing("7", null, { 0: 9 })]), groups, "5");
    expect(queries).toHaveLength(1);
    expect(queries[0]).toContain("OPTIONS('snapshot-id' = '7')");
    expect(result).toMatchObject({
      ...{ total: 9, accepted: 0, open: 9, max: 5 },
      reasons: [
        { reason: "empty", field: null, count: 5 },
        { reason: "field", field: "extra", count: 4 },
      ],
      partitions: [
        { incarnation: 0, partition: 0, count: 3 },
        { incarnation: 0, partition: 1, count: 2 },
        { incarnation: 1, partition: 0, count: 4 },
      ],
    });
  });

  it("say of each reason when it came first and last, with one of the newest", () => {
    const at = (minute: number, offset: number, partition = 0) =>
      deadLetterGroup({
        ...{ partition, first: `2026-01-31T12:0${minute}:00.000Z`, last: `2026-01-31T12:0${minute}:30.000Z` },
        newest: { offset, error: `empty: ${offset}` },
      });
    expect(reasonLines([at(3, 30), at(5, 50, 2), at(1, 10)])).toEqual([
      {
        ...{ reason: "empty", field: null, count: 3 },
        ...{ first: "2026-01-31T12:01:00.000Z", last: "2026-01-31T12:05:30.000Z" },
        example: { incarnation: 0, partition: 2, offset: 50, error: "empty: 50" },
      },
    ]);
  });
});
