import { sum } from "../../core/sum.js";
import type { OpenTransaction } from "../../kafka/open-transactions.js";
import { isRemade, progressOf } from "../../ledger/account.js";
import { currentAccount, topicAndTables } from "../../ledger/current.js";
import type { Workspace } from "../../workspace/workspace.js";

export interface PartitionLag {
  readonly partition: number;
  /** The offset that the consumer group has committed; null when it has committed nothing. */
  readonly committed: number | null;
  /** The next offset to land in Iceberg; null when nothing has landed. */
  readonly landed: number | null;
  readonly end: number;
  /** end - committed; null when that is unknown. */
  readonly lag: number | null;
  /** Records that are in Kafka and not in Iceberg. */
  readonly unlanded: number;
  /** Age of the oldest record that has not landed, in seconds by its timestamp; 0 when all have. */
  readonly lagSeconds: number;
}

export interface LagResult {
  readonly group: string;
  readonly topic: string;
  readonly totalLag: number | null;
  readonly totalUnlanded: number;
  /** The lag of the partition that is furthest behind. */
  readonly totalLagSeconds: number;
  readonly partitions: readonly PartitionLag[];
  /** Transactions that hold the topic's end back for readers. */
  readonly openTransactions: readonly OpenTransaction[];
}

/** How far the pipeline is behind the topic: by the consumer group's committed offsets, and by the rows in Iceberg. */
export async function checkLag(workspace: Workspace): Promise<LagResult> {
  const { kafka, dataset, config } = workspace;
  const group = config.values.CONSUMER_GROUP;
  const [committed, { topic, tables }] = await Promise.all([
    kafka.committedOffsets(group, dataset.topic),
    topicAndTables(workspace),
  ]);
  const [{ account, waiting }, openTransactions] = await Promise.all([
    currentAccount(workspace, tables, topic, committed),
    kafka.openTransactions(dataset.topic, topic.partitions),
  ]);
  if (account !== undefined && isRemade(account, topic)) {
    workspace.report({
      type: "warning",
      text: `topic ${dataset.topic} was made again: nothing of it has landed`,
    });
  }
  const partitions = topic.partitions.map((offsets) => {
    const { partition, first, end } = offsets;
    const landed = progressOf(account, topic, offsets).landed?.next ?? null;
    const done = committed.get(partition) ?? null;
    const oldest = waiting.get(partition);
    return {
      partition,
      committed: done,
      landed,
      end,
      lag: done === null ? null : end - done,
      // Offsets without a record, such as transaction markers, do not count as unlanded.
      unlanded: oldest === undefined ? 0 : end - Math.max(landed ?? first, first),
      lagSeconds: oldest === undefined ? 0 : Math.max(0, Date.now() - oldest.timestampMs) / 1000,
    };
  });
  const lags = partitions.map(({ lag }) => lag);
  return {
    group,
    topic: dataset.topic,
    totalLag: lags.every((lag) => lag !== null) ? sum(lags) : null,
    totalUnlanded: sum(partitions.map(({ unlanded }) => unlanded)),
    totalLagSeconds: Math.max(0, ...partitions.map(({ lagSeconds }) => lagSeconds)),
    partitions,
    openTransactions,
  };
}
