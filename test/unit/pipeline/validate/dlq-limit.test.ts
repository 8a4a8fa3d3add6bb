import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../../src/core/verdict.js";
import type { Snapshot } from "../../../../src/iceberg/catalog.js";
import { type Acceptances, acceptedProperty } from "../../../../src/pipeline/dead-letters/acceptances.js";
import { dlqLimit } from "../../../../src/pipeline/validate/dlq-limit.js";
import { joined } from "../../../../src/pipeline/validate/stage-check.js";
import { deadLetterGroup, groupRow } from "../../../helpers/dead-letters.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";
import { configOf, workspaceOf } from "../../../helpers/workspace.js";

const passed: Verdict = { status: "pass", detail: "it adds up" };
const at = (id: string, parent: string | null, rows: number, more: Partial<Snapshot> = {}) =>
  snapshot(id, parent, { summary: { "total-records": String(rows) }, ...more });

const accepted = (count: number): Acceptances => ({
  ...{ version: 2, snapshot: "d1", accepted: count },
  acceptances: [
    {
      ...{ reason: null, field: null, partition: null, at: "2026-01-31T12:00:00.000Z", note: null },
      ranges: [{ incarnation: 0, partition: 0, below: 100, count }],
    },
  ],
});

/** @param there how many of those that are accepted a query finds, and how many others */
async function look(
  max: string,
  snapshots: Snapshot[],
  record?: Acceptances,
  present: readonly [number, number] = [0, 0],
  stage = passed,
) {
  const properties = record === undefined ? {} : { [acceptedProperty]: JSON.stringify(record) };
  const { runtime, queries } = await fakeGateway(() => [
    groupRow(deadLetterGroup({ acceptance: 0, count: present[0] })),
    groupRow(deadLetterGroup({ count: present[1] })),
  ]);
  const workspace = workspaceOf({
    config: configOf({ STATE_DIR: "/nowhere/state", DLQ_MAX: max }),
    catalog: { table: async () => icebergTable(snapshots, { properties }) },
    runtime,
  });
  const found = await dlqLimit({ workspace });
  return { ...(found === undefined ? stage : joined(stage, found)), queries: queries.length };
}

describe("DLQ_MAX", () => {
  it("is no limit unless it is set; 0 is one", async () => {
    expect(await look("", [at("d1", null, 9)])).toEqual({ ...passed, queries: 0 });
    expect(await look("0", [])).toMatchObject({ status: "pass" });
    expect(await look("0", [at("d1", null, 1)])).toMatchObject({ status: "fail" });
  });

  it("fails when there are more, with both numbers and where to look", async () => {
    const stage = await look("8", [at("d1", null, 9_000)]);
    expect(stage).toMatchObject({ status: "fail", hint: "pipectl dlq", queries: 0 });
    expect(stage.detail).toBe("it adds up; 9,000 dead letters that nobody has accepted, more than DLQ_MAX=8");
    expect(await look("9", [at("d1", null, 9)])).toMatchObject({ status: "pass", queries: 0 });
  });

  it("does not count those that are accepted, and reads no row as long as all of them are there", async () => {
    const rows = [at("d1", null, 9), at("d2", "d1", 9, { operation: "replace" }), at("d3", "d2", 12)];
    expect(await look("3", rows, accepted(9))).toMatchObject({ status: "pass", queries: 0 });
  });

  it("counts them before it fails", async () => {
    const rows = [at("d1", null, 9), at("d3", "d1", 12)];
    expect(await look("2", rows, accepted(9), [9, 3])).toMatchObject({ status: "fail", queries: 1 });
    // Some had been gone when they were counted, and are back.
    expect(await look("2", rows, { ...accepted(11), accepted: 9 }, [11, 1])).toMatchObject({
      status: "pass",
    });
  });

  it("counts them where rows have gone, or nobody knows", async () => {
    const gone = [at("d1", null, 9), at("d2", "d1", 4, { operation: "delete" })];
    expect(await look("1", gone, accepted(9), [3, 1])).toMatchObject({ status: "pass", queries: 1 });
    expect(await look("1", gone, accepted(9), [2, 2])).toMatchObject({ status: "fail", queries: 1 });
    const expired = [at("d5", "d4", 9)];
    expect(await look("1", expired, accepted(9), [9, 0])).toMatchObject({ status: "pass", queries: 1 });
  });

  it("leaves a stage that failed its own hint", async () => {
    const stage = await look("1", [at("d1", null, 9)], undefined, [0, 0], {
      ...{ ...passed, status: "fail", hint: "pipectl process" },
    });
    expect(stage).toMatchObject({ status: "fail", hint: "pipectl process" });
    expect(stage.detail).toContain("DLQ_MAX=1");
  });
});
