import { unavailable, usage } from "../../core/errors.js";
import type { Report } from "../../core/report.js";
import type { Observation } from "../../dataset/infer/observation.js";
import { RecordCollect } from "../../dataset/infer/record-collect.js";
import type { KafkaClient } from "../../kafka/client.js";

export interface TopicObservation {
  readonly observation: Observation;
  readonly partitions: number;
  /** True when the topic has more records than were read. */
  readonly isSample: boolean;
}

/**
 * Reads the oldest records of each partition of a topic. It uses no consumer group, so it commits no offsets.
 *
 * @param sample total number of records to read
 * @throws PipectlError (unavailable) `topic_missing`; (usage) `input_empty` when nothing can be parsed
 */
export async function observeTopic(
  kafka: KafkaClient,
  topic: string,
  sample: number,
  report: Report,
  signal: AbortSignal,
): Promise<TopicObservation> {
  const description = await kafka.describeTopic(topic);
  if (description === undefined) throw unavailable("topic_missing", `there is no topic ${topic}`);
  const records = new RecordCollect(`topic ${topic}`);
  report({ type: "step", text: `reading up to ${sample} records of ${topic}` });
  const { isSample } = await kafka.sample(topic, sample, signal, (value) => records.add(value));
  const observation = records.observation();
  if (observation.records === 0) {
    const { unreadable } = observation;
    const why =
      unreadable === 0
        ? "has no records"
        : `has no JSON object among the ${unreadable} records that were read`;
    throw usage("input_empty", `topic ${topic} ${why}`, { hint: "Nothing was written." });
  }
  return { observation, partitions: description.partitions, isSample };
}
