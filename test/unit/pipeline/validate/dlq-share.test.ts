import { describe, expect, it } from "vitest";
import type { TableId } from "../../../../src/iceberg/catalog.js";
import { acceptedProperty } from "../../../../src/pipeline/dead-letters/acceptances.js";
import { dlqShare } from "../../../../src/pipeline/validate/dlq-share.js";
import { icebergTable, landing } from "../../../helpers/tables.js";
import { configOf, workspaceOf } from "../../../helpers/workspace.js";

const of = (job: string, rows: number, total: number, id: string, parent: string | null) => {
  const one = landing(id, parent, { 0: rows }, total);
  return { ...one, timestampMs: Number(id), summary: { ...one.summary, "flink.job-id": job } };
};

/** A run with 1,000 good records, then one with 200 bad ones. */
async function look(limit: string, accepted?: number) {
  const record = {
    ...{ version: 2, snapshot: "2", accepted },
    acceptances: [
      {
        ...{ reason: null, field: null, partition: null, at: "2026-01-31T12:00:00.000Z", note: null },
        ranges: [{ incarnation: 0, partition: 0, below: 1_200, count: accepted }],
      },
    ],
  };
  const properties = accepted === undefined ? {} : { [acceptedProperty]: JSON.stringify(record) };
  const tables: Record<string, ReturnType<typeof icebergTable>> = {
    raw_trips: icebergTable([of("j1", 1_000, 1_000, "1", null)]),
    raw_trips_dlq: icebergTable([of("j2", 200, 200, "2", null)], { properties }),
  };
  return await dlqShare({
    workspace: workspaceOf({
      config: configOf({ STATE_DIR: "/nowhere/state", DLQ_MAX_SHARE: limit }),
      catalog: { table: async ({ table }: TableId) => tables[table] },
    }),
  });
}

describe("the share of dead letters in the last run", () => {
  it("is a warning where it is unusual, with where to look", async () => {
    expect(await look("")).toEqual({
      status: "warn",
      detail: "all 200 new records became dead letters (100 %, 0 % in the runs before)",
      hint: "pipectl dlq",
    });
  });

  it("fails above DLQ_MAX_SHARE, in either notation, and passes below", async () => {
    for (const limit of ["50%", "0.5"]) {
      expect(await look(limit)).toEqual({
        status: "fail",
        detail:
          "all 200 new records became dead letters (100 %, 0 % in the runs before), more than DLQ_MAX_SHARE allows",
        hint: "pipectl dlq",
      });
    }
    expect(await look("100%")).toBeUndefined();
  });

  it("is nothing to say once all dead letters are accepted", async () => {
    expect(await look("", 200)).toBeUndefined();
    expect(await look("", 199)).toMatchObject({ status: "warn" });
  });
});
