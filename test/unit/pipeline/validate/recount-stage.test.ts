import { describe, expect, it } from "vitest";
import { unavailable } from "../../../../src/core/errors.js";
import type { TableId } from "../../../../src/iceberg/catalog.js";
import { recountCheck } from "../../../../src/pipeline/validate/recount-stage.js";
import { sessionsOf } from "../../../../src/workspace/workspace.js";
import { following } from "../../../helpers/following.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  snapshot,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { carryOut } from "../../../helpers/validate-context.js";
import { workspaceOf } from "../../../helpers/workspace.js";

/** A count of one partition: [incarnation, partition, bronze, dead letters, distinct offsets, removed, min, max, with unknown fields]. */
type Row = readonly number[];

/** An account of 10 offsets, 9 of them in bronze, and what a count of the rows finds. */
async function look(
  rows: readonly Row[],
  properties: Record<string, string> = withAccount(
    accountOf({ partitions: [landedPartition(0, 10, { dlq: 1 })] }),
  ),
) {
  const { runtime, queries } = await fakeGateway((query) =>
    query.includes("pipectl_names") ? [["wind", 4, "2026-01-31T12:00:00Z"]] : rows,
  );
  const at = (id: string, count: number) =>
    icebergTable([snapshot(id, null, { summary: { "total-records": String(count) } })], { properties });
  const workspace = workspaceOf({
    kafka: { topicOffsets: async () => topicOf([{ partition: 0, first: 0, end: 10 }]) },
    catalog: { table: async ({ table }: TableId) => (table === "raw_trips" ? at("1", 9) : at("2", 1)) },
    runtime,
  });
  return { ...(await carryOut(recountCheck, workspace)), queries };
}

describe("the recount", () => {
  it("passes when each offset is there once, in the snapshots that the account was drawn up for", async () => {
    const { status, detail, queries } = await look([[0, 0, 9, 1, 10, 0, 0, 9, 0]]);
    expect([status, detail]).toEqual(["pass", "10 offsets, each once, none missing"]);
    expect(queries).toHaveLength(1);
    expect(queries[0]).toContain("'snapshot-id' = '1'");
    expect(queries[0]).toContain("'snapshot-id' = '2'");
  });

  it.each<[string, Row[], string]>([
    [
      "an offset twice and another missing",
      [[0, 0, 9, 1, 9, 0, 0, 9, 0]],
      "1 offsets more than once, 1 offsets missing",
    ],
    ["a row too few", [[0, 0, 8, 1, 9, 0, 0, 9, 0]], "8 bronze rows instead of 9, 1 offsets missing"],
    ["offsets that nobody has planned", [[0, 0, 9, 1, 10, 0, 1, 10, 0]], "offsets 1 to 10 instead of 0 to 9"],
    ["no row at all", [], "0 bronze rows instead of 9, 0 dead letters instead of 1, 10 offsets missing"],
    [
      "rows of a partition that the topic does not have",
      [
        [0, 0, 9, 1, 10, 0, 0, 9, 0],
        [0, 7, 1, 0, 1, 0, 0, 0, 0],
      ],
      "rows of incarnation/partition 0/7, which the topic does not have",
    ],
  ])("fails with %s", async (_what, rows, detail) => {
    expect(await look(rows)).toMatchObject({ status: "fail", detail: expect.stringContaining(detail) });
  });

  it("shows what is there where there is no account to compare with", async () => {
    expect(await look([[0, 0, 9, 1, 9, 0, 0, 9, 0]], {})).toMatchObject({
      status: "fail",
      detail:
        "there is no account to compare with; found incarnation 0, partition 0: offsets 0 to 9, 1 more than once, 1 missing",
    });
  });

  it("is unknown where the account could not be drawn up because nobody answered", async () => {
    const { runtime } = await fakeGateway(() => [[0, 0, 9, 1, 10, 0, 0, 9, 0]]);
    const workspace = workspaceOf({
      kafka: {
        topicOffsets: () => Promise.reject(unavailable("kafka_unreachable", "Kafka does not answer")),
      },
      catalog: { table: async () => icebergTable([snapshot("1", null)]) },
      runtime,
    });
    expect(await carryOut(recountCheck, workspace)).toMatchObject({
      status: "unknown",
      detail: expect.stringMatching(/^there is no account to compare with; found incarnation 0/),
    });
  });

  it("counts again while a stream is between its two commits, however slowly it commits", async () => {
    const { workspace } = following();
    let counts = 0;
    const { runtime } = await fakeGateway(() => [[0, 0, ++counts < 5 ? 14 : 15, 0, 15, 0, 0, 14, 0]]);
    const own = { ...workspace, gatewaySession: sessionsOf(runtime) };
    expect(await carryOut(recountCheck, own)).toMatchObject({ status: "pass" });
    expect(counts).toBe(5);
  });

  it("names fields that the manifest does not", async () => {
    const { status, detail } = await look([[0, 0, 9, 1, 10, 0, 0, 9, 4]]);
    expect(status).toBe("pass");
    expect(detail).toContain('1 unknown field since 2026-01-31T12:00:00Z ("wind" 4)');
  });
});
