import { failed } from "../../core/errors.js";
import { requireOwnTables } from "../../dataset/folder.js";
import type { Dataset } from "../../dataset/types.js";
import type { TopicDescription } from "../../kafka/client.js";
import type { Workspace } from "../../workspace/workspace.js";

export interface TopicResult {
  readonly topic: string;
  readonly created: boolean;
  readonly partitions: number;
  /** How an existing topic differs from the manifest, a sentence each. */
  readonly differences: readonly string[];
}

/** Records of up to 10 MB: a single long text can exceed Kafka's default of 1 MB. */
const maxMessageBytes = 10_485_760;

/** Creates the dataset's topic. An existing topic is not changed, but compared with the manifest. */
export async function createTopics(workspace: Workspace): Promise<TopicResult> {
  const { kafka, dataset } = workspace;
  requireOwnTables(dataset, workspace.config.root);
  const settings = settingsOf(dataset);
  const created = await kafka.createTopic(dataset.topic, { partitions: dataset.partitions, settings });
  const topic = await kafka.describeTopic(dataset.topic);
  if (topic === undefined) {
    throw failed("topic_missing", `Kafka accepted topic ${dataset.topic}, but does not list it`, {
      hint: "pipectl logs kafka",
    });
  }
  const differences = topicDifferences(dataset, topic);
  return { topic: dataset.topic, created, partitions: topic.partitions, differences };
}

const settingsOf = ({ retentionMs }: Dataset) => ({
  "retention.ms": String(retentionMs),
  "max.message.bytes": String(maxMessageBytes),
});

/** The differences between a topic and the manifest, a sentence each. */
export function topicDifferences(dataset: Dataset, topic: TopicDescription): string[] {
  const differences: string[] = [];
  if (topic.partitions !== dataset.partitions) {
    differences.push(`it has ${topic.partitions} partitions, the manifest says ${dataset.partitions}`);
  }
  for (const [name, wanted] of Object.entries(settingsOf(dataset))) {
    const actual = topic.settings[name];
    if (actual !== wanted) differences.push(`${name} is ${actual}, the manifest says ${wanted}`);
  }
  if (topic.settings["cleanup.policy"] !== "delete") {
    differences.push(
      `cleanup.policy is ${topic.settings["cleanup.policy"]}: a compacted topic forgets records`,
    );
  }
  return differences;
}
