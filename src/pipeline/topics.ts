import { failed } from "../core/errors.js";
import type { Workspace } from "./workspace.js";

export interface TopicResult {
  readonly topic: string;
  readonly created: boolean;
  readonly partitions: number;
  /** How an existing topic differs from the manifest, a sentence each. */
  readonly differences: readonly string[];
}

/** Records of up to 10 MB: Kafka's default of 1 MB refuses what a single long text can be. */
const maxMessageBytes = 10_485_760;

/** Creates the dataset's topic; an existing one is left as it is, and compared with the manifest. */
export async function createTopics(workspace: Workspace): Promise<TopicResult> {
  const { kafka, dataset } = workspace;
  const settings = {
    "retention.ms": String(dataset.retentionMs),
    "max.message.bytes": String(maxMessageBytes),
  };
  const created = await kafka.createTopic(dataset.topic, { partitions: dataset.partitions, settings });
  const topic = await kafka.describeTopic(dataset.topic);
  if (topic === undefined) {
    throw failed("topic_missing", `Kafka accepted topic ${dataset.topic}, but does not list it`, {
      hint: "pipectl logs kafka",
    });
  }
  const differences: string[] = [];
  if (topic.partitions !== dataset.partitions) {
    differences.push(`it has ${topic.partitions} partitions, the manifest says ${dataset.partitions}`);
  }
  for (const [name, wanted] of Object.entries(settings)) {
    const actual = topic.settings[name];
    if (actual !== wanted) differences.push(`${name} is ${actual}, the manifest says ${wanted}`);
  }
  if (topic.settings["cleanup.policy"] !== "delete") {
    differences.push(
      `cleanup.policy is ${topic.settings["cleanup.policy"]}: a compacted topic forgets records`,
    );
  }
  return { topic: dataset.topic, created, partitions: topic.partitions, differences };
}
