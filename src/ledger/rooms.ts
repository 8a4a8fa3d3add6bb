import type { TopicOffsets } from "../kafka/offsets.js";
import type { PartitionAccount } from "./account.js";
import { addsUp } from "./plausible.js";

/** Offsets of a partition that rows may have: from `first` up to, not including, `end`. */
export interface Room {
  readonly incarnation: number;
  readonly partition: number;
  readonly first: number;
  readonly end: number;
}

/**
 * Where rows of the tables may come from: what the account covers, and what the topic has. A row elsewhere was not written by
 * pipectl. Pure.
 *
 * @param account its lines are empty where only the incarnation is known
 * @param topic undefined when it is another one than the account's
 */
export function roomsOf(
  {
    incarnation,
    partitions,
  }: { readonly incarnation: number; readonly partitions: readonly PartitionAccount[] },
  topic: TopicOffsets | undefined,
): Room[] {
  const known = partitions.map((line): Room => {
    const now = line.incarnation === incarnation ? topic?.partitions : undefined;
    const inKafka = now?.find(({ partition }) => partition === line.partition);
    // Of a line with wrong numbers only Kafka knows better.
    const trusted = addsUp(line) || inKafka === undefined;
    return {
      incarnation: line.incarnation,
      partition: line.partition,
      first: trusted ? line.first : 0,
      end: Math.max(trusted ? line.next : 0, inKafka?.end ?? 0),
    };
  });
  const isKnown = new Set(
    partitions.filter((line) => line.incarnation === incarnation).map(({ partition }) => partition),
  );
  const added = (topic?.partitions ?? []).filter(({ partition }) => !isKnown.has(partition));
  return [...known, ...added.map(({ partition, end }): Room => ({ incarnation, partition, first: 0, end }))];
}
