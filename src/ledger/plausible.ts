import type { TopicOffsets } from "../kafka/offsets.js";
import { type Account, lineOf, type PartitionAccount } from "./account.js";
import type { Found } from "./count-rows.js";

/** What an earlier account contributes to a recount; from a damaged one, only its topic. */
export type Known = Pick<Account, "topicId" | "incarnation"> &
  Partial<Pick<Account, "partitions" | "anchors" | "hashForm" | "bronzeSnapshot" | "dlqSnapshot">>;

/** True when the terms of a line add up to the offsets that it covers. */
export const addsUp = ({ first, next, bronze, dlq, withoutRecord, skipped, lost }: PartitionAccount) =>
  next - first === bronze + dlq + withoutRecord + skipped + lost;

/** True when the numbers of a line can be right: it adds up, and has no more hashes than rows. */
const isSound = (line: PartitionAccount): boolean =>
  addsUp(line) && line.bronze >= (line.hashes?.bronze.rows ?? 0) && line.dlq >= (line.hashes?.dlq.rows ?? 0);

/** The account if its numbers can be right: wrong ones say nothing of rows. */
export const soundAccount = (account: Account | undefined): Account | undefined =>
  account?.partitions.every(isSound) === true ? account : undefined;

/**
 * What a recount may take over of an account whose numbers may be wrong: of a line that does not add up, or that explains more
 * offsets than the rows leave open, only where it begins. Offsets without a record are then counted again in Kafka. Pure.
 */
export function plausible(known: Known, found: readonly Found[], topic: TopicOffsets): Known {
  if (known.partitions === undefined) return known;
  const { incarnation } = known;
  const partitions = known.partitions.map((line): PartitionAccount => {
    const rows = lineOf(found, line);
    const end = Math.max((rows?.max ?? -1) + 1, line.next);
    const explained = line.withoutRecord + line.skipped + line.lost;
    if (addsUp(line) && end - line.first - (rows?.offsets ?? 0) >= explained) return line;
    const inKafka =
      line.incarnation === incarnation
        ? topic.partitions.find(({ partition }) => partition === line.partition)
        : undefined;
    const first = Math.min(line.first, rows?.min ?? line.first);
    // A position beyond both the rows and the topic is one of the wrong numbers.
    const next = Math.max((rows?.max ?? first - 1) + 1, Math.min(line.next, inKafka?.end ?? 0));
    return { ...line, first, next, withoutRecord: 0, skipped: 0, lost: 0 };
  });
  return { ...known, partitions };
}
