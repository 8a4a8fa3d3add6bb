import { describe, expect, it } from "vitest";
import type { TableId } from "../../../../src/iceberg/catalog.js";
import { tableDefinitions } from "../../../../src/lake/definitions.js";
import { againstTopicLook } from "../../../../src/pipeline/validate/against-topic.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import {
  accountOf,
  icebergTable,
  landedPartition,
  schemaOf,
  snapshot,
  topicOf,
  withAccount,
} from "../../../helpers/tables.js";
import { contextOf } from "../../../helpers/validate-context.js";
import { taxi, workspaceOf } from "../../../helpers/workspace.js";

/** A comparison of one partition: [partition, rows, same, otherwise, first place, foreign dead letters, first place]. */
type Row = readonly unknown[];

/** Ten offsets have landed in partition 0, of which Kafka has removed two. */
async function look(rows: readonly Row[], againstTopic = true, hashed = true) {
  const { runtime, queries } = await fakeGateway(() => rows);
  const definitions = tableDefinitions(taxi);
  const at = (kind: "bronze" | "dlq", id: string, total: number) =>
    icebergTable([snapshot(id, null, { summary: { "total-records": String(total) } })], {
      id: taxi.tables[kind],
      properties: withAccount(accountOf({ partitions: [landedPartition(0, 10, { dlq: 1 })] })),
      ...(hashed ? { schema: schemaOf(definitions[kind]) } : {}),
    });
  const workspace = workspaceOf({
    kafka: { topicOffsets: async () => topicOf([{ partition: 0, first: 2, end: 12 }]) },
    catalog: {
      table: async ({ table }: TableId) => (table === "raw_trips" ? at("bronze", "1", 9) : at("dlq", "2", 1)),
    },
    runtime,
  });
  return { found: await againstTopicLook({ ...contextOf(workspace), againstTopic }), queries };
}

describe("--against-topic", () => {
  it("passes where rows are what Kafka has, and says what cannot be compared", async () => {
    const { found, queries } = await look([[0, 8, 8, 0, null, 0, null]]);
    expect(found).toEqual({
      status: "pass",
      detail:
        "against the topic: 8 rows are as Kafka has the record, 2 not comparable: Kafka no longer has the record, or the row has no hash",
    });
    // The snapshots that the account was drawn up for, and no offset that has not landed.
    expect(queries[0]).toContain("'snapshot-id' = '1'");
    expect(queries[0]).toContain("'snapshot-id' = '2'");
  });

  it("warns of rows that today's manifest or reader would make otherwise", async () => {
    const { found } = await look([[0, 8, 5, 3, 4, 0, null]]);
    expect(found).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("3 would be read differently (for example partition 0, offset 4)"),
    });
  });

  it("fails where a dead letter is not what Kafka has there", async () => {
    const { found } = await look([[0, 8, 7, 0, null, 1, 6]]);
    expect(found).toMatchObject({
      status: "fail",
      detail: expect.stringContaining(
        "1 dead letter is not what Kafka has at that place (for example partition 0, offset 6)",
      ),
    });
  });

  it("is not looked at unless it is asked for, nor without a hash in the tables", async () => {
    expect(await look([], false)).toEqual({ found: undefined, queries: [] });
    expect((await look([], true, false)).found).toMatchObject({ status: "warn" });
  });
});
