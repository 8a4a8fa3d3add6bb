import { failed } from "../core/errors.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import type { Plan, Range } from "../lake/ranges.js";
import type { Needs } from "../workspace/workspace.js";

/**
 * If a topic is deleted and created again while a job reads it, the job may have read records of both.
 *
 * @returns the topic as it is after the job
 * @throws PipectlError (failed) `topic_remade`
 */
export async function requireSameTopic(
  { kafka, dataset }: Needs<"dataset" | "kafka">,
  { topicId }: Plan,
): Promise<TopicOffsets> {
  const now = await kafka.topicOffsets(dataset.topic);
  if (topicId !== null && now.id !== null && now.id !== topicId) {
    throw failed("topic_remade", `topic ${dataset.topic} was made again while the job read it`, {
      hint: "nothing was published; pipectl process says what is lost",
    });
  }
  return now;
}

/**
 * The number of records that Kafka has in a range, counted by a plain consumer, to compare with the job's rows.
 *
 * @throws PipectlError (failed) `records_lost` when Kafka removed some of them since the job began
 */
export async function countInKafka(
  workspace: Needs<"dataset" | "kafka" | "report" | "signal">,
  now: TopicOffsets,
  range: Range,
): Promise<number> {
  const { kafka, dataset, signal, report } = workspace;
  const first = now.partitions.find(({ partition }) => partition === range.partition)?.first ?? 0;
  if (first > range.start) {
    throw failed(
      "records_lost",
      `Kafka removed records of ${dataset.topic} while the job read them: ` +
        `partition ${range.partition} now begins at offset ${first}, the job began at ${range.start}`,
      { hint: "nothing was published; pipectl process says what is lost" },
    );
  }
  report({
    type: "step",
    text: `Bronze: counting the records of partition ${range.partition}, which has fewer rows than offsets`,
  });
  return await kafka.countRecords(dataset.topic, range, signal);
}
