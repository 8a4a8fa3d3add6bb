import { PipectlError } from "../core/errors.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import type { Plan } from "../lake/ranges.js";
import type { Needs } from "../workspace/workspace.js";
import { type Account, isRemade } from "./account.js";
import { newAnchors, standings } from "./anchors.js";
import { keptAnchors } from "./kept-anchors.js";
import { planRanges } from "./plan.js";

/**
 * Plans what a run takes, after a look whether Kafka still has the records that have landed.
 *
 * @param present offsets behind a hole that are in the tables already, by partition
 * @throws PipectlError as `planRanges`
 */
export async function planRun(
  workspace: Needs<"dataset" | "kafka" | "signal">,
  topic: TopicOffsets,
  account: Account | undefined,
  acceptLoss: boolean,
  present?: ReadonlyMap<number, number>,
): Promise<Plan> {
  const found =
    account === undefined || isRemade(account, topic) ? [] : await standings(workspace, topic, account);
  return planRanges(workspace.dataset.topic, topic, account, acceptLoss, present, found);
}

/** The plan with records of Kafka that will have landed with it: a later run recognises the topic by them. */
export async function withAnchors(
  workspace: Needs<"dataset" | "kafka" | "signal">,
  topic: TopicOffsets,
  plan: Plan,
): Promise<Plan> {
  return { ...plan, anchors: await newAnchors(workspace, topic, plan.ranges) };
}

/**
 * The anchors of an account whose stream has landed more records since: the last of them is one now. A stream runs for months, and
 * Kafka may be restored from a copy that is younger than its beginning.
 *
 * @param account with what its stream has appended
 * @returns the anchors that it has, where Kafka does not answer or has other records by now
 */
export async function reanchored(
  workspace: Needs<"dataset" | "kafka" | "signal">,
  account: Account,
): Promise<Pick<Account, "anchors">> {
  const { kafka, dataset } = workspace;
  const before = account.anchors === undefined ? {} : { anchors: account.anchors };
  try {
    const topic = await kafka.topicOffsets(dataset.topic);
    if (isRemade(account, topic)) return before;
    if ((await standings(workspace, topic, account)).some(({ differs }) => differs !== undefined))
      return before;
    const ends = new Map(topic.partitions.map(({ partition, end }) => [partition, end]));
    const ranges = account.partitions
      .filter(({ incarnation, partition, next }) => {
        return incarnation === account.incarnation && next <= (ends.get(partition) ?? 0);
      })
      .map(({ partition, next }) => ({ partition, start: next, end: next }));
    return keptAnchors(account, account.topicId, ranges, await newAnchors(workspace, topic, ranges));
  } catch (error) {
    if (!(error instanceof PipectlError)) throw error;
    return before;
  }
}
