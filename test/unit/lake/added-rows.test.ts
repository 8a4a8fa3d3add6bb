import { describe, expect, it } from "vitest";
import { addedByPartition } from "../../../src/lake/added-rows.js";
import { problemOf } from "../../helpers/problem.js";
import { landing, snapshot } from "../../helpers/tables.js";

describe("addedByPartition", () => {
  it("sums up what each Kafka partition got over all snapshots", () => {
    const added = addedByPartition([landing("2", "1", { 0: 4, 12: 1 }), landing("1", null, { 0: 3, 1: 5 })]);
    expect([...added].sort()).toEqual([
      [0, 7],
      [1, 5],
      [12, 1],
    ]);
  });

  it.each([
    ["no snapshot", []],
    ["a snapshot that says nothing", [snapshot("1", null)]],
    ["a partition that got files, and no row", [landing("1", null, { 3: 0 })]],
    [
      "rows that were taken away",
      [snapshot("1", null, { summary: { "partitions.kafka_partition=3": "deleted-records=7" } })],
    ],
    [
      "another column's partitions",
      [snapshot("1", null, { summary: { "partitions.pickup_date=2026-01-01": "added-records=7" } })],
    ],
  ])("finds nothing in %s", (_what, snapshots) => {
    expect(addedByPartition(snapshots).size).toBe(0);
  });

  it.each([
    ["fewer than it has in all", "10", "added-records=9"],
    ["more than it has in all", "9", "added-records=10"],
    ["some, and no sum", undefined, "added-records=10"],
    ["only another figure of that name", "4", "moved-added-records=4"],
  ])("refuses a summary whose partitions got %s", async (_what, all, one) => {
    const summary = {
      ...(all === undefined ? {} : { "added-records": all }),
      "partitions.kafka_partition=0": one,
    };
    const error = await problemOf(() => addedByPartition([snapshot("8", null, { summary })]));
    expect(error).toMatchObject({ kind: "failed", code: "audit_failed" });
    expect(error.message).toContain("snapshot 8");
  });
});
