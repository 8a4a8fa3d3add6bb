import type { TopicOffsets } from "../../kafka/offsets.js";
import { type Account, isRemade, progressOf } from "../../ledger/account.js";
import type { Counts, PartitionLine } from "./result.js";

/** Every partition of every incarnation: those that are over as they were left, and the topic as it is now. */
export function linesOf(topic: TopicOffsets, account: Account | undefined): PartitionLine[] {
  const incarnation =
    account === undefined ? 0 : isRemade(account, topic) ? account.incarnation + 1 : account.incarnation;
  const over = (account?.partitions ?? []).filter((line) => line.incarnation !== incarnation);
  return [
    ...over.map((line) => balance({ ...line, end: line.next, notLanded: 0 })),
    ...topic.partitions.map((offsets) => {
      const { partition, end } = offsets;
      // Records that Kafka removed before they landed: `process` refuses to skip them silently.
      const { landed, first, next, removed } = progressOf(account, topic, offsets);
      return balance({
        incarnation,
        partition,
        first,
        next,
        end,
        bronze: landed?.bronze ?? 0,
        dlq: landed?.dlq ?? 0,
        withoutRecord: landed?.withoutRecord ?? 0,
        skipped: landed?.skipped ?? 0,
        lost: (landed?.lost ?? 0) + removed,
        notLanded: end - next - removed,
      });
    }),
  ];
}

function balance(line: Omit<PartitionLine, "produced" | "unaccounted">): PartitionLine {
  const { incarnation, partition, first, next, end, bronze, dlq, notLanded, withoutRecord, skipped, lost } =
    line;
  const produced = end - first;
  const unaccounted = produced - bronze - dlq - notLanded - withoutRecord - skipped - lost;
  return {
    ...{ incarnation, partition, first, next, end, produced, bronze, dlq, notLanded, withoutRecord },
    ...{ skipped, lost, unaccounted },
  };
}

/** The totals of the lines. */
export function sums(lines: readonly PartitionLine[]): Omit<Counts, "silver"> {
  const sum = (pick: (line: PartitionLine) => number) => lines.reduce((total, line) => total + pick(line), 0);
  return {
    produced: sum((line) => line.produced),
    bronze: sum((line) => line.bronze),
    dlq: sum((line) => line.dlq),
    notLanded: sum((line) => line.notLanded),
    withoutRecord: sum((line) => line.withoutRecord),
    skipped: sum((line) => line.skipped),
    lost: sum((line) => line.lost),
    unaccounted: sum((line) => line.unaccounted),
  };
}
