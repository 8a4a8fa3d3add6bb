import { failed, PipectlError } from "../core/errors.js";
import { count } from "../core/format.js";
import type { Queries } from "../execution/query.js";
import type { Table } from "../iceberg/catalog.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import { sameRows } from "../lake/lineage.js";
import type { Needs } from "../workspace/workspace.js";
import {
  type Account,
  accountProperty,
  isRemade,
  type PartitionAccount,
  partitionName,
  readAccount,
  readableAccount,
  recordedAccount,
  salvagedFrom,
} from "./account.js";
import { countRows, type Found } from "./count-rows.js";
import { acceptLossHint } from "./plan.js";
import { provenStream } from "./proven.js";

/** An account made from the rows themselves. */
export interface Recount {
  /** Where a partition has a hole, `next` is the first offset that can still be read, though some after it have landed. */
  readonly account: Omit<Account, "run" | "bronzeSnapshot" | "dlqSnapshot">;
  /** Offsets from `next` on that are in the tables already, by partition with a hole. */
  readonly present: ReadonlyMap<number, number>;
}

/**
 * The account that was recorded with the tables' snapshots, and what its stream has appended since, when that is proven
 * by counting. Where there is none that holds, every row is read: a highest offset alone can hide a hole. Then what of
 * the ranges to come is `present` already.
 *
 * @returns `counted` when it is another one than the tables have on record
 */
export async function accountInForce(
  workspace: Queries & Needs<"kafka">,
  tables: { readonly bronze: Table; readonly dlq: Table },
  topic: TopicOffsets,
  acceptLoss: boolean,
): Promise<{ account: Account | undefined; counted: boolean; present?: ReadonlyMap<number, number> }> {
  const { bronze, dlq } = tables;
  const snapshots = { bronzeSnapshot: bronze.current?.id ?? null, dlqSnapshot: dlq.current?.id ?? null };
  try {
    const account = readAccount(bronze, dlq);
    const recorded = recordedAccount(bronze);
    if (recorded === undefined) return { account, counted: false };
    if (sameRows(bronze, recorded.bronzeSnapshot) && sameRows(dlq, recorded.dlqSnapshot))
      return { account, counted: false };
    const proven = await provenStream(workspace, tables, recorded, topic);
    if (proven !== undefined) return { account: { ...proven, ...snapshots }, counted: true };
    workspace.report({ type: "warning", text: "the stream has left offsets out, or taken some twice" });
  } catch (error) {
    if (!(error instanceof PipectlError) || error.code !== "account_untrusted") throw error;
    workspace.report({ type: "warning", text: error.message });
  }
  workspace.report({ type: "step", text: "Bronze: counting every row by partition and offset" });
  const found = await countRows(workspace, tables, topic.partitions);
  const name = workspace.dataset.topic;
  const known = knownOf(workspace, bronze);
  const { account, present } = accountFrom(found, name, topic, known, acceptLoss);
  return { account: { ...account, ...snapshots, run: "" }, counted: true, present };
}

function knownOf({ report, dataset }: Needs<"dataset" | "report">, bronze: Table): Known | undefined {
  const known = readableAccount(bronze) ?? salvagedFrom(bronze);
  if (known === undefined && accountProperty in bronze.properties) {
    report({
      type: "warning",
      text: `not even the id of ${dataset.topic} can be read from its account: if the topic was made again since the last run, nobody can tell`,
    });
  }
  return known;
}

/** What an account has to say on rows that are counted again; of a damaged one, only which topic it was about. */
export type Known = Pick<Account, "topicId" | "incarnation"> & Partial<Pick<Account, "partitions">>;

/**
 * The account that rows tell: rows, distinct offsets and the span are compared for each partition. Pure.
 *
 * @param known what was recorded last; its first offsets, its losses and its offsets without a record still hold
 * @throws PipectlError (failed) `rows_doubled` when an offset stands in the tables more than once, `records_lost` when one
 *   is missing that Kafka no longer has, both with numbers by partition
 */
export function accountFrom(
  found: readonly Found[],
  name: string,
  topic: TopicOffsets,
  known: Known | undefined,
  acceptLoss: boolean,
): Recount {
  const incarnation = known?.incarnation ?? Math.max(0, ...found.map((rows) => rows.incarnation));
  const remade = known !== undefined && isRemade(known, topic);
  const doubled = found.filter((rows) => rows.bronze + rows.dlq > rows.offsets);
  if (doubled.length > 0) {
    const lines = doubled.map(
      (rows) => `${partitionName(rows)}: ${count(rows.bronze + rows.dlq - rows.offsets)} rows too many`,
    );
    throw failed(
      "rows_doubled",
      `offsets of ${name} stand in the tables more than once:\n  ${lines.join("\n  ")}`,
      {
        hint: "take the rows out that were written twice: roll the table back to the snapshot before",
      },
    );
  }
  const lost: string[] = [];
  const present = new Map<number, number>();
  const lineOf = (at: { readonly incarnation: number; readonly partition: number }): PartitionAccount => {
    const rows = found.find((one) => one.incarnation === at.incarnation && one.partition === at.partition);
    const before = known?.partitions?.find(
      (one) => one.incarnation === at.incarnation && one.partition === at.partition,
    );
    const inKafka =
      at.incarnation === incarnation && !remade
        ? topic.partitions.find(({ partition }) => partition === at.partition)
        : undefined;
    const first =
      before?.first ??
      (known?.partitions === undefined ? Math.min(rows?.min ?? Infinity, inKafka?.first ?? Infinity) : 0);
    const end = Math.max((rows?.max ?? -1) + 1, before?.next ?? first);
    const offsets = rows?.offsets ?? 0;
    const explained = {
      lost: before?.lost ?? 0,
      withoutRecord: before?.withoutRecord ?? 0,
      skipped: before?.skipped ?? 0,
    };
    const counts = { ...at, first, bronze: rows?.bronze ?? 0, dlq: rows?.dlq ?? 0 };
    const missing = end - first - offsets - explained.lost - explained.withoutRecord - explained.skipped;
    // Before anything else: a row outside and a hole inside would make the sum come out right.
    if (missing < 0 || (rows !== undefined && rows.min < first)) {
      throw failed(
        "account_untrusted",
        `${partitionName(at)} has rows outside of what was ever taken, from offset ${first}`,
        {
          hint: "pipectl validate --deep",
        },
      );
    }
    if (missing === 0) return { ...counts, ...explained, next: end };
    // What lies before the first offset that Kafka still has can only be explained, not taken.
    const readable = Math.min(Math.max(first, inKafka?.first ?? end), end);
    const removed = inKafka === undefined ? offsets : (rows?.removed ?? 0);
    const unread = readable - first - removed - explained.lost;
    const withoutRecord = Math.min(unread, explained.withoutRecord);
    // What was skipped and can still be read is read with the rest.
    // Which of the offsets before it were skipped nobody remembers either, unless all that was skipped is.
    const skipped = readable >= (before?.next ?? 0) ? Math.min(unread - withoutRecord, explained.skipped) : 0;
    const gone = unread - withoutRecord - skipped;
    if (gone > 0) lost.push(`${partitionName(at)}: ${count(gone)} offsets before ${readable}`);
    if (at.incarnation === incarnation) present.set(at.partition, offsets - removed);
    return { ...counts, next: readable, withoutRecord, skipped, lost: explained.lost + gone };
  };
  const current = new Set([
    ...topic.partitions.filter(() => !remade).map(({ partition }) => partition),
    ...found.filter((rows) => rows.incarnation === incarnation).map(({ partition }) => partition),
    ...(known?.partitions ?? [])
      .filter((line) => line.incarnation === incarnation)
      .map(({ partition }) => partition),
  ]);
  const older = new Map(
    [...(known?.partitions ?? []), ...found]
      .filter((line) => line.incarnation !== incarnation)
      .map((line) => [
        `${line.incarnation}/${line.partition}`,
        { incarnation: line.incarnation, partition: line.partition },
      ]),
  );
  const partitions = [
    ...[...older.values()].map(lineOf),
    ...[...current].sort((a, b) => a - b).map((partition) => lineOf({ incarnation, partition })),
  ];
  if (lost.length > 0 && !acceptLoss) {
    throw failed(
      "records_lost",
      `the tables lack records of ${name} that Kafka no longer has:\n  ${lost.join("\n  ")}`,
      { hint: acceptLossHint },
    );
  }
  const topicId = known?.topicId ?? topic.id;
  return { account: { version: 4, topic: name, topicId, incarnation, partitions }, present };
}
