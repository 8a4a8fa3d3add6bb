import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import { recordCodec, unlessDamaged } from "../core/record-codec.js";
import { sum } from "../core/sum.js";
import type { Table, TableChange } from "../iceberg/catalog.js";
import type { PartitionOffsets, TopicOffsets } from "../kafka/offsets.js";
import { type AddedRows, addedByPartition } from "../lake/added-rows.js";
import { branchOf } from "../lake/branches.js";
import { joinedHashes, type RowHashes } from "../lake/hash-sum.js";
import {
  appendedSince,
  committedTwice,
  hasAncestor,
  isSetBack,
  jobOf,
  keepsSnapshot,
  sameRows,
} from "../lake/lineage.js";
import type { Anchor, Plan } from "../lake/ranges.js";
import { hashForm } from "../lake/row-hash.js";
import type { StreamMark } from "../lake/stream-mark.js";
import { summedRows } from "../lake/summed-rows.js";
import { accountVersions, salvage } from "./account-shape.js";
import { keptAnchors } from "./kept-anchors.js";

/**
 * What became of one partition of the topic, in one incarnation. Offsets are Kafka's; rows are counted, never estimated:
 * next - first = bronze + dlq + withoutRecord + skipped + lost.
 */
export interface PartitionAccount {
  readonly incarnation: number;
  readonly partition: number;
  /** The first offset that was ever ingested. */
  readonly first: number;
  /** The next offset to ingest. Each offset from `first` up to it is in one of the terms below. */
  readonly next: number;
  readonly bronze: number;
  readonly dlq: number;
  /** Offsets without a committed record in Kafka: transaction markers, aborted records, compaction. */
  readonly withoutRecord: number;
  /** Offsets that a stream skipped because of `--start latest`. */
  readonly skipped: number;
  /** Offsets that Kafka removed before they landed, accepted with `--accept-loss`. */
  readonly lost: number;
  /** The rows that have a hash. Missing where none has: they are older than the first hash. */
  readonly hashes?: RowHashes;
  /** Rows that pipectl had not written, or that had other values, each time that `--accept-foreign` took some. */
  readonly foreign?: number;
}

/** What one of several lines says of a partition, in one incarnation. */
export const lineOf = <Line extends Pick<PartitionAccount, "incarnation" | "partition">>(
  lines: readonly Line[] | undefined,
  { incarnation, partition }: Pick<PartitionAccount, "incarnation" | "partition">,
): Line | undefined => lines?.find((one) => one.incarnation === incarnation && one.partition === partition);

/** For a partition that was added while a stream ran: it is read from its first offset. */
export const nothingLanded = { first: 0, next: 0, bronze: 0, dlq: 0, withoutRecord: 0, skipped: 0, lost: 0 };

/**
 * The positions and totals of a topic. They are a property of the bronze table, set in the same commit that publishes its
 * rows, and they are valid only while both tables are at the snapshots named here. The dead letters follow in a commit of
 * their own: see `unfinished`.
 */
export interface Account {
  readonly version: 5;
  readonly topic: string;
  /** The topic's id; null when Kafka gave none. */
  readonly topicId: string | null;
  /** Of the topic that is read now; one more each time it was made again. */
  readonly incarnation: number;
  /** The run that published it. */
  readonly run: string;
  readonly bronzeSnapshot: string | null;
  readonly dlqSnapshot: string | null;
  /** Version of the form that rows are hashed in. Missing until a run has begun to: from then on, a row without a hash is foreign. */
  readonly hashForm?: number;
  /** Of all incarnations. */
  readonly partitions: readonly PartitionAccount[];
  /** Records of the topic that is read now, to tell whether it is still the same. Missing where an earlier version wrote it. */
  readonly anchors?: readonly Anchor[];
  /** Undefined when no stream has been started since. */
  readonly stream?: StreamMark;
}

export const accountProperty = "pipectl.account";

/** In batch mode and beside streams alike. */
const countsAgain =
  "pipectl repair counts every row by partition and offset, and ingests the missing records";

const accountCodec = recordCodec<Account>("the account", accountVersions, {
  code: "account_untrusted",
  hint: countsAgain,
});

/**
 * The current account, with the rows that its stream has appended since its snapshots, counted as one offset each. Whether a
 * stream has left a hole among them only its end and a count of offsets can tell: see `accountInForce`.
 *
 * @returns undefined when nothing has landed yet
 * @throws PipectlError (failed) `account_untrusted` when the tables were changed by a program that keeps no account,
 *   `publication_unfinished` when a run was killed between its two commits
 */
export function readAccount(bronze: Table | undefined, dlq: Table | undefined): Account | undefined {
  const account = recordedAccount(bronze);
  if (bronze === undefined || account === undefined) {
    for (const table of [bronze, dlq]) {
      if (table?.current === undefined) continue;
      throw untrusted(table, "has rows, but no account of where they came from");
    }
    return undefined;
  }
  const inBronze = streamed(bronze, account.bronzeSnapshot, account);
  if (dlq === undefined)
    throw failed("table_missing", "the dead-letter table is missing, but bronze's account names it");
  requirePublished({ bronze, dlq });
  return withStreamed(account, inBronze, streamed(dlq, account.dlqSnapshot, account));
}

/**
 * The account's totals against Iceberg's own, as of the snapshots that the account names. A run that goes on from wrong
 * positions ingests records twice, or never.
 *
 * @throws PipectlError (failed) `account_untrusted`
 */
export function requireSums(
  account: Account,
  { bronze, dlq }: Readonly<Record<"bronze" | "dlq", Table>>,
): void {
  const says = {
    bronze: sum(account.partitions.map((line) => line.bronze)),
    dlq: sum(account.partitions.map((line) => line.dlq)),
  };
  const counted = {
    bronze: totalAt(bronze, account.bronzeSnapshot) ?? says.bronze,
    dlq: totalAt(dlq, account.dlqSnapshot) ?? says.dlq,
  };
  if (counted.bronze === says.bronze && counted.dlq === says.dlq) return;
  throw failed(
    "account_untrusted",
    `the account says ${count(says.bronze)} bronze and ${count(says.dlq)} dead letters, Iceberg counts ${count(counted.bronze)} and ${count(counted.dlq)}`,
    { hint: countsAgain },
  );
}

/** Undefined when the table no longer has the snapshot, or its summary does not tell. */
function totalAt({ snapshots }: Table, snapshot: string | null): number | undefined {
  if (snapshot === null) return 0;
  const at = snapshots.find(({ id }) => id === snapshot);
  return at === undefined ? undefined : summedRows(at);
}

function withStreamed(
  account: Account,
  inBronze: ReadonlyMap<number, number>,
  inDlq: ReadonlyMap<number, number>,
): Account {
  if (inBronze.size + inDlq.size === 0) return account;
  const { incarnation } = account;
  const known = new Set(
    account.partitions.filter((line) => line.incarnation === incarnation).map((line) => line.partition),
  );
  const added = [...new Set([...inBronze.keys(), ...inDlq.keys()])].filter(
    (partition) => !known.has(partition),
  );
  const lines = [
    ...account.partitions,
    ...added.map((partition) => ({ incarnation, partition, ...nothingLanded })),
  ];
  return {
    ...account,
    partitions: lines.map((line) => {
      if (line.incarnation !== incarnation) return line;
      const [good, bad] = [inBronze.get(line.partition) ?? 0, inDlq.get(line.partition) ?? 0];
      return { ...line, next: line.next + good + bad, bronze: line.bronze + good, dlq: line.dlq + bad };
    }),
  };
}

/**
 * The account that was recorded last, whether it still matches the tables or not.
 *
 * @throws PipectlError (failed) `account_untrusted` when it is damaged, `state_newer` when a newer pipectl wrote it
 */
export function recordedAccount(bronze: Table | undefined): Account | undefined {
  const text = bronze?.properties[accountProperty];
  return bronze === undefined || text === undefined ? undefined : accountCodec.decode(text, nameOf(bronze));
}

/** The same, but undefined for a damaged account: for callers that count rows anyway, or that do not depend on it. */
export function readableAccount(bronze: Table | undefined): Account | undefined {
  return unlessDamaged(() => recordedAccount(bronze));
}

/** The readable part of a damaged account, however it was cut off; undefined when the topic's id cannot be read. */
export function salvagedFrom(bronze: Table): Pick<Account, "topicId" | "incarnation"> | undefined {
  return salvage(bronze.properties[accountProperty] ?? "");
}

/** The property of bronze that holds the account. */
export const accountIn = (account: Account): Readonly<Record<string, string>> => ({
  [accountProperty]: accountCodec.encode(account),
});

/**
 * The missing commit of a run that was killed after committing bronze and before committing the dead letters: these are still
 * on the run's branch, at the snapshot that the account names.
 *
 * @returns undefined when there is nothing to finish
 */
export function unfinished(bronze: Table, dlq: Table): TableChange | undefined {
  const account = readableAccount(bronze);
  if (account === undefined || !sameRows(bronze, account.bronzeSnapshot)) return undefined;
  const branch = branchOf(account.run);
  const head = account.dlqSnapshot;
  if (head === null || dlq.refs[branch] !== head) return undefined;
  const main = dlq.current?.id ?? null;
  if (!hasAncestor(dlq, head, main)) return undefined;
  return {
    id: dlq.id,
    assertRefs: { main, [branch]: head },
    setRefs: { main: head },
    removeRefs: [branch],
  };
}

/**
 * The next run recognizes an unfinished publication by the position of the dead letters, so nothing may change them before.
 *
 * @throws PipectlError (failed) `publication_unfinished`
 */
export function requirePublished({ bronze, dlq }: { readonly bronze?: Table; readonly dlq?: Table }): void {
  if (bronze === undefined || dlq === undefined || unfinished(bronze, dlq) === undefined) return;
  throw failed(
    "publication_unfinished",
    `run ${recordedAccount(bronze)?.run} ended between its two commits: its rows are in bronze, its dead letters are still on a branch`,
    { hint: "pipectl process finishes it" },
  );
}

/** The account of a partition of the current topic; undefined when nothing has landed. */
export function landedOf(account: Account | undefined, partition: number): PartitionAccount | undefined {
  return account?.partitions.find(
    (line) => line.partition === partition && line.incarnation === account.incarnation,
  );
}

/** How far a partition has landed, compared with Kafka's current offsets. */
export interface PartitionProgress {
  /** Undefined when nothing of this topic has landed. */
  readonly landed: PartitionAccount | undefined;
  /** The first offset of the account. */
  readonly first: number;
  /** The next offset to ingest. */
  readonly next: number;
  /** Offsets from `next` on that Kafka has removed before they landed. */
  readonly removed: number;
}

export function progressOf(
  account: Account | undefined,
  topic: TopicOffsets,
  { partition, first }: PartitionOffsets,
): PartitionProgress {
  const landed = account === undefined || isRemade(account, topic) ? undefined : landedOf(account, partition);
  // The first run starts at the first offset that Kafka has. From then on the account covers the whole topic, including
  // added partitions.
  const begin = account === undefined ? first : 0;
  const next = landed?.next ?? begin;
  return { landed, first: landed?.first ?? begin, next, removed: Math.max(0, first - next) };
}

/** The account after a run, without the snapshots: what the run ingested, and what was lost. */
export function advance(
  account: Account | undefined,
  { incarnation, topicId, ranges, anchors }: Plan,
  run: string,
  added: readonly AddedRows[] = [],
): Omit<Account, "topic" | "bronzeSnapshot" | "dlqSnapshot"> {
  const before = account?.partitions ?? [];
  const lines = ranges.map(({ partition, start, end, lost, skipped }) => {
    const rows = added.find((candidate) => candidate.partition === partition);
    const landed = incarnation === account?.incarnation ? landedOf(account, partition) : undefined;
    return {
      incarnation,
      partition,
      ...hashesOf(landed?.hashes, rows?.hashes),
      ...(landed?.foreign === undefined ? {} : { foreign: landed.foreign }),
      first: landed?.first ?? start - lost,
      next: end,
      bronze: (landed?.bronze ?? 0) + (rows?.bronze ?? 0),
      dlq: (landed?.dlq ?? 0) + (rows?.dlq ?? 0),
      withoutRecord: (landed?.withoutRecord ?? 0) + (rows?.withoutRecord ?? 0),
      skipped: (landed?.skipped ?? 0) + skipped,
      lost: (landed?.lost ?? 0) + lost,
    };
  });
  return {
    version: 5,
    hashForm,
    incarnation,
    topicId,
    run,
    ...keptAnchors(account, topicId, ranges, anchors),
    partitions: [...before.filter((line) => line.incarnation !== incarnation), ...lines],
  };
}

/** The hashes of a line, with those of more rows; nothing where there are none. Pure. */
export const hashesOf = (
  before: RowHashes | undefined,
  added: RowHashes | undefined,
): Pick<PartitionAccount, "hashes"> =>
  before === undefined && (added === undefined || added.bronze.rows + added.dlq.rows === 0)
    ? {}
    : { hashes: joinedHashes(before, added) };

/** A partition in words; most topics never have another incarnation than the first. */
export function partitionName({
  incarnation,
  partition,
}: {
  readonly incarnation: number;
  readonly partition: number;
}): string {
  return incarnation === 0 ? `partition ${partition}` : `incarnation ${incarnation}, partition ${partition}`;
}

/** True when the topic is not the account's, but another one of the same name. */
export function isRemade(account: Pick<Account, "topicId">, topic: TopicOffsets): boolean {
  return account.topicId !== null && topic.id !== null && account.topicId !== topic.id;
}

/**
 * Rows that the account's stream has appended since `snapshot`, by Kafka partition.
 *
 * @throws PipectlError (failed) `account_untrusted` when there were other changes since
 */
function streamed(table: Table, snapshot: string | null, { stream }: Account): Map<number, number> {
  const jobs = stream?.jobs ?? [];
  // A stream that resumed from its state would not write the removed rows again.
  if (isSetBack(table, jobs))
    throw untrusted(table, "was rolled back behind rows that its stream has appended");
  const appended = appendedSince(table, snapshot, (one) => jobs.includes(jobOf(one)));
  const twice = committedTwice(appended ?? []);
  if (twice !== undefined) {
    throw failed(
      "account_untrusted",
      `${nameOf(table)} has the rows of the stream's checkpoint ${twice} twice`,
      {
        hint: countsAgain,
      },
    );
  }
  if (appended !== undefined) return addedByPartition(appended);
  if (table.current !== undefined && !keepsSnapshot(table, snapshot))
    throw untrusted(table, `no longer has snapshot ${snapshot}, for which its account was made`);
  throw untrusted(
    table,
    `is at snapshot ${table.current?.id ?? "none"}, but its account was made for ${snapshot ?? "none"}`,
  );
}

const nameOf = ({ id }: Table) => `${id.namespace}.${id.table}`;

function untrusted(table: Table, why: string) {
  return failed("account_untrusted", `${nameOf(table)} ${why}: another program wrote to it`, {
    hint: countsAgain,
  });
}
