import { failed, PipectlError } from "../core/errors.js";
import { count } from "../core/format.js";
import type { Queries } from "../execution/query.js";
import type { Table } from "../iceberg/catalog.js";
import type { TopicOffsets } from "../kafka/offsets.js";
import { type HashSum, noHashes } from "../lake/hash-sum.js";
import { sameRows } from "../lake/lineage.js";
import type { Needs } from "../workspace/workspace.js";
import {
  type Account,
  accountProperty,
  isRemade,
  lineOf,
  type PartitionAccount,
  partitionName,
  readAccount,
  readableAccount,
  recordedAccount,
  requireSums,
  salvagedFrom,
} from "./account.js";
import { countRows, type Found } from "./count-rows.js";
import { acceptLossHint } from "./plan.js";
import { type Known, plausible, soundAccount } from "./plausible.js";
import { provenStream } from "./proven.js";
import { requireOurs, withForeign } from "./require-ours.js";
import { markedTopic, type TopicMark } from "./topic-mark.js";

/** An account computed from the rows themselves. */
export interface Recount {
  /** In a partition with a hole, `next` is the first offset that can still be read, though some after it have landed. */
  readonly account: Omit<Account, "run" | "bronzeSnapshot" | "dlqSnapshot">;
  /** For each partition with a hole, the number of offsets from `next` on that are in the tables already. */
  readonly present: ReadonlyMap<number, number>;
}

/**
 * The account recorded with the tables' snapshots, plus the rows that its stream has appended since, if a count proves them.
 * If no valid account exists, every row is read, because a highest offset alone can hide a hole. In that case some offsets of
 * the next ranges may be `present` already.
 *
 * @param acceptForeign takes rows that pipectl did not write as they are; see `requireOurs`
 * @returns `counted` when the account differs from the recorded one
 */
export async function accountInForce(
  workspace: Queries & Needs<"kafka">,
  tables: { readonly bronze: Table; readonly dlq: Table },
  topic: TopicOffsets,
  acceptLoss: boolean,
  acceptForeign = false,
): Promise<{ account: Account | undefined; counted: boolean; present?: ReadonlyMap<number, number> }> {
  const { bronze, dlq } = tables;
  const snapshots = { bronzeSnapshot: bronze.current?.id ?? null, dlqSnapshot: dlq.current?.id ?? null };
  try {
    const account = readAccount(bronze, dlq);
    const recorded = recordedAccount(bronze);
    if (recorded === undefined) return { account, counted: false };
    requireSums(recorded, tables);
    if (sameRows(bronze, recorded.bronzeSnapshot) && sameRows(dlq, recorded.dlqSnapshot))
      return { account, counted: false };
    const proven = await provenStream(workspace, tables, recorded, topic);
    if (proven !== undefined) return { account: { ...proven, ...snapshots }, counted: true };
    workspace.report({ type: "warning", text: "the stream has skipped offsets, or has ingested some twice" });
  } catch (error) {
    if (!(error instanceof PipectlError) || error.code !== "account_untrusted") throw error;
    workspace.report({ type: "warning", text: error.message });
  }
  workspace.report({ type: "step", text: "Bronze: counting every row by partition and offset" });
  const recorded = readableAccount(bronze);
  const values = { account: recorded };
  const found = await countRows(workspace, tables, topic.partitions, undefined, { values });
  const name = workspace.dataset.topic;
  const known = knownOf(workspace, tables);
  const trusted = known === undefined ? undefined : plausible(known, found, topic);
  const { account, present } = accountFrom(found, name, topic, trusted, acceptLoss);
  // Wrong numbers say nothing of rows.
  const comparable = soundAccount(recorded);
  const foreign = requireOurs(workspace, tables, found, comparable, acceptForeign);
  const partitions = withForeign(account.partitions, foreign);
  return { account: { ...account, partitions, ...snapshots, run: "" }, counted: true, present };
}

function knownOf(
  { report, dataset }: Needs<"dataset" | "report">,
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
): Known | undefined {
  const known = readableAccount(bronze) ?? salvagedFrom(bronze) ?? topicOf(markedTopic([bronze, dlq]));
  if (known === undefined && accountProperty in bronze.properties) {
    report({
      type: "warning",
      text: `not even the id of ${dataset.topic} can be read from its account: pipectl cannot tell whether the topic was created again since the last run`,
    });
  }
  return known;
}

/** The snapshots that `snapshots` marks for the account: nothing was doubled there. */
const madeFor = (known: Known | undefined): string =>
  known?.bronzeSnapshot == null
    ? ""
    : `; the account was made for snapshot ${known.bronzeSnapshot} of bronze and ${known.dlqSnapshot ?? "none"} of the dead letters`;

const topicOf = (mark: TopicMark | undefined): Known | undefined =>
  mark === undefined ? undefined : { topicId: mark.topicId, incarnation: mark.incarnation };

/**
 * The account computed from rows: for each partition, rows, distinct offsets and the span are compared. Pure.
 *
 * @param known the account recorded last; its first offsets, losses and offsets without a record stay valid
 * @throws PipectlError (failed) `rows_doubled` when an offset occurs in the tables more than once, `records_lost` when one is
 *   missing that Kafka no longer has, both with numbers by partition
 */
export function accountFrom(
  found: readonly Found[],
  name: string,
  topic: TopicOffsets,
  known: Known | undefined,
  acceptLoss: boolean,
): Recount {
  // What is left of a damaged account may lack its last incarnation, which the rows then tell.
  const incarnation =
    known?.partitions === undefined
      ? Math.max(known?.incarnation ?? 0, ...found.map((rows) => rows.incarnation))
      : known.incarnation;
  const remade = known !== undefined && isRemade(known, topic);
  const doubled = found.filter((rows) => rows.bronze + rows.dlq > rows.offsets);
  if (doubled.length > 0) {
    const lines = doubled.map(
      (rows) => `${partitionName(rows)}: ${count(rows.bronze + rows.dlq - rows.offsets)} rows too many`,
    );
    throw failed(
      "rows_doubled",
      `offsets of ${name} occur in the tables more than once:\n  ${lines.join("\n  ")}`,
      {
        hint: `pipectl repair removes them${madeFor(known)}`,
      },
    );
  }
  const lost: string[] = [];
  const present = new Map<number, number>();
  const counted = (at: { readonly incarnation: number; readonly partition: number }): PartitionAccount => {
    const rows = lineOf(found, at);
    const before = lineOf(known?.partitions, at);
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
    const counts = {
      ...at,
      first,
      bronze: rows?.bronze ?? 0,
      dlq: rows?.dlq ?? 0,
      ...hashesIn(rows, before),
    };
    const missing = end - first - offsets - explained.lost - explained.withoutRecord - explained.skipped;
    // Checked first: a row outside the range and a hole inside it would cancel out in the sum.
    if (missing < 0 || (rows !== undefined && rows.min < first)) {
      throw failed(
        "account_untrusted",
        `${partitionName(at)} has rows outside the offsets that were ever ingested, from offset ${first}`,
        { hint: "pipectl repair" },
      );
    }
    const last = Math.max(inKafka?.end ?? Infinity, before?.next ?? 0);
    // Without an account to tell, the topic may have lost its end; but then no row is missing before it.
    if (rows !== undefined && rows.max >= last && (before !== undefined || missing > 0)) {
      throw failed(
        "account_untrusted",
        `${partitionName(at)} has rows beyond the end of the topic, offset ${last}: another program wrote them`,
        { hint: "pipectl repair" },
      );
    }
    if (missing === 0) return { ...counts, ...explained, next: end };
    // Offsets before the first one that Kafka still has can only be explained, not read again.
    const readable = Math.min(Math.max(first, inKafka?.first ?? end), end);
    const removed = inKafka === undefined ? offsets : (rows?.removed ?? 0);
    const unread = readable - first - removed - explained.lost;
    const withoutRecord = Math.min(unread, explained.withoutRecord);
    // Skipped offsets that can still be read are read with the rest. If only some can, the account does not know which of
    // the unread ones were skipped.
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
    ...[...older.values()].map(counted),
    ...[...current].sort((a, b) => a - b).map((partition) => counted({ incarnation, partition })),
  ];
  if (lost.length > 0 && !acceptLoss) {
    throw failed(
      "records_lost",
      `the tables lack records of ${name} that Kafka no longer has:\n  ${lost.join("\n  ")}`,
      { hint: acceptLossHint },
    );
  }
  const topicId = known?.topicId ?? topic.id;
  const anchors = known?.anchors === undefined ? {} : { anchors: known.anchors };
  const form = known?.hashForm === undefined ? {} : { hashForm: known.hashForm };
  return {
    account: { version: 5, topic: name, topicId, incarnation, ...form, partitions, ...anchors },
    present,
  };
}

/** What a line says of values: the hashes that the rows have, and what was accepted before. */
function hashesIn(
  rows: Found | undefined,
  before: PartitionAccount | undefined,
): Pick<PartitionAccount, "hashes" | "foreign"> {
  const { bronze, dlq } = rows?.hashes ?? noHashes;
  const { changed } = rows?.values ?? {};
  const withChanged = (hashes: HashSum, number = 0) =>
    number === 0 ? hashes : { ...hashes, changed: number };
  return {
    ...(bronze.rows + dlq.rows === 0
      ? {}
      : {
          hashes: { bronze: withChanged(bronze, changed?.bronze), dlq: withChanged(dlq, changed?.dlq) },
        }),
    ...(before?.foreign === undefined ? {} : { foreign: before.foreign }),
  };
}
