import { describe, expect, it } from "vitest";
import type { KafkaClient } from "../../../src/kafka/client.js";
import { countInKafka, requireSameTopic } from "../../../src/ledger/topic-check.js";
import { problemOf } from "../../helpers/problem.js";
import { topicId, topicOf } from "../../helpers/tables.js";
import { workspaceOf } from "../../helpers/workspace.js";

describe("requireSameTopic", () => {
  const check = async (planned: string | null, now: string | null) => {
    const kafka: Partial<KafkaClient> = { topicOffsets: async () => topicOf([], now) };
    return await requireSameTopic(workspaceOf({ kafka }), { topicId: planned, incarnation: 0, ranges: [] });
  };

  it.each([
    ["it is the same", topicId, topicId],
    ["the broker gives no ids", topicId, null],
    ["it had none when the run was planned", null, topicId],
  ])("returns the topic as it is now, where %s", async (_what, planned, now) => {
    expect(await check(planned, now)).toEqual(topicOf([], now));
  });

  it("refuses what was read of two topics", async () => {
    const error = await problemOf(() => check(topicId, "another"));
    expect(error).toMatchObject({ kind: "failed", code: "topic_remade" });
    expect(error.hint).toContain("nothing was published");
  });
});

describe("countInKafka", () => {
  const range = { partition: 1, start: 100, end: 200, lost: 0, skipped: 0, present: 0 };
  const count = async (...firsts: number[]) => {
    const workspace = workspaceOf({
      kafka: {
        countRecords: async (topic, asked) => {
          expect([topic, asked]).toEqual(["taxi.raw_trips", range]);
          return 42;
        },
      },
    });
    const partitions = firsts.map((first, partition) => ({ partition, first, end: 900 }));
    const records = await countInKafka(workspace, topicOf(partitions), range);
    return { records, events: workspace.events };
  };

  it.each([
    ["all of the range is left", [500, 99]],
    ["it begins where the range does", [500, 100]],
    ["the partition is not among them", [500]],
  ])("is what a consumer reads, where %s", async (_what, firsts) => {
    const { records, events } = await count(...firsts);
    expect(records).toBe(42);
    expect(events).toEqual([{ type: "step", text: expect.stringContaining("partition 1") }]);
  });

  it("refuses to count what Kafka has removed meanwhile", async () => {
    const error = await problemOf(() => count(0, 101));
    expect(error).toMatchObject({ kind: "failed", code: "records_lost" });
    expect(error.message).toContain("partition 1 now begins at offset 101, the job began at 100");
    expect(error.hint).toContain("nothing was published");
  });
});
