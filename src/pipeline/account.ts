import { failed } from "../core/errors.js";
import type { Snapshot, Table } from "../iceberg/catalog.js";

/** What has landed of one partition of the topic. Offsets are Kafka's; rows are counted, never estimated. */
export interface PartitionAccount {
  readonly partition: number;
  /** The first offset that was ever taken. */
  readonly first: number;
  /** The next offset to take: everything before it, from `first`, is in bronze or in the dead letters. */
  readonly next: number;
  readonly bronze: number;
  readonly dlq: number;
}

/**
 * The positions and totals of a topic. They are a property of the bronze table, set in the same commit that publishes
 * the rows they count, and they count only while both tables are at the snapshots named here.
 */
export interface Account {
  readonly version: 1;
  readonly topic: string;
  readonly epoch: number;
  /** The run that published it. */
  readonly run: string;
  readonly bronzeSnapshot: string | null;
  readonly dlqSnapshot: string | null;
  readonly partitions: readonly PartitionAccount[];
}

export const accountProperty = "pipectl.account";

/**
 * The account that is in force.
 *
 * @returns undefined when nothing has landed yet
 * @throws PipectlError (failed) `account_untrusted` when the tables were changed by something that kept no account
 */
export function readAccount(bronze: Table | undefined, dlq: Table | undefined): Account | undefined {
  const text = bronze?.properties[accountProperty];
  if (bronze === undefined || text === undefined) {
    for (const table of [bronze, dlq]) {
      if (table?.current === undefined) continue;
      throw untrusted(table, "has rows, but no account of where they came from");
    }
    return undefined;
  }
  const account = JSON.parse(text) as Account;
  requireSnapshot(bronze, account.bronzeSnapshot);
  if (dlq === undefined)
    throw failed("table_missing", "the dead-letter table is gone, but bronze's account names it");
  requireSnapshot(dlq, account.dlqSnapshot);
  return account;
}

/** The snapshot that readers see must be the one that the account was committed with, or a rewrite of the same rows. */
function requireSnapshot(table: Table, snapshot: string | null): void {
  if (sameRows(table, snapshot)) return;
  throw untrusted(
    table,
    `is at snapshot ${table.current?.id ?? "none"}, but its account was made for ${snapshot ?? "none"}`,
  );
}

/** True when the table's rows are those of `snapshot`: it is the current one, or only compactions lie between. */
export function sameRows(table: Table, snapshot: string | null): boolean {
  const byId = new Map(table.snapshots.map((candidate) => [candidate.id, candidate]));
  let at: Snapshot | undefined = table.current;
  while (at !== undefined && at.id !== snapshot && at.operation === "replace") {
    at = at.parentId === null ? undefined : byId.get(at.parentId);
  }
  return (at?.id ?? null) === snapshot;
}

function untrusted(table: Table, why: string) {
  const name = `${table.id.namespace}.${table.id.table}`;
  return failed("account_untrusted", `${name} ${why}: another program wrote to it`, {
    hint: "pipectl validate --deep counts every row by partition and offset",
  });
}
