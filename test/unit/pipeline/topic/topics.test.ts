import { describe, expect, it } from "vitest";
import type { TopicDescription } from "../../../../src/kafka/client.js";
import { createTopics } from "../../../../src/pipeline/topic/topics.js";
import { problemOf } from "../../../helpers/problem.js";
import { taxi, workspaceOf } from "../../../helpers/workspace.js";

const settings = {
  "retention.ms": String(taxi.retentionMs),
  "max.message.bytes": "10485760",
  "cleanup.policy": "delete",
};
const described = (more: Partial<TopicDescription> = {}): TopicDescription => ({
  partitions: 3,
  settings,
  ...more,
});
const create = async (present: boolean, topic: TopicDescription | undefined) => {
  const asked: unknown[] = [];
  const kafka = {
    createTopic: async (...args: unknown[]) => {
      asked.push(args);
      return !present;
    },
    describeTopic: async () => topic,
  };
  return { result: await createTopics(workspaceOf({ kafka })), asked };
};

describe("createTopics", () => {
  it("asks for the manifest's partitions and retention", async () => {
    const { result, asked } = await create(false, described());
    expect(result).toEqual({ topic: "taxi.raw_trips", created: true, partitions: 3, differences: [] });
    expect(asked).toEqual([
      [
        "taxi.raw_trips",
        { partitions: 3, settings: { "retention.ms": "259200000", "max.message.bytes": "10485760" } },
      ],
    ]);
  });

  it("says how a topic that is there differs", async () => {
    const other = described({
      partitions: 1,
      settings: { ...settings, "retention.ms": "1", "cleanup.policy": "compact" },
    });
    const { result } = await create(true, other);
    expect(result).toMatchObject({ created: false, partitions: 1 });
    expect(result.differences).toEqual([
      "it has 1 partitions, the manifest says 3",
      "retention.ms is 1, the manifest says 259200000",
      "cleanup.policy is compact: a compacted topic forgets records",
    ]);
  });

  it("does not claim a topic that Kafka does not list", async () => {
    expect(await problemOf(() => create(false, undefined))).toMatchObject({ code: "topic_missing" });
  });
});
