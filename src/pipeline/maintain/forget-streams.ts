import { sameRows } from "../../lake/lineage.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import type { Tables } from "../../lake/tables.js";
import { accountIn, readableAccount } from "../../ledger/account.js";
import { readableSilver, silverIn } from "../../ledger/silver-state.js";

/** The records that change when a rollback makes streams' states useless. */
export interface Forgotten {
  /** Marks of the streams whose state is useless now. */
  readonly marks: readonly StreamMark[];
  /** New properties, by table. */
  readonly properties: Partial<Readonly<Record<keyof Tables, Readonly<Record<string, string>>>>>;
}

/**
 * Removes the streams from the records that have read rows which a rollback takes out of a table. A savepoint of such a stream
 * counts those rows as read, and would leave them out for ever. For now the abandoned snapshots show this; once they expire,
 * nothing does. Pure.
 *
 * @param kind the table to roll back
 * @param to id of a snapshot in its history
 */
export function forgetStreams(kind: keyof Tables, to: string, tables: Partial<Tables>): Forgotten {
  const account = readableAccount(tables.bronze);
  const silver = readableSilver(tables.silver);
  const table = tables[kind];
  const properties: { bronze?: Readonly<Record<string, string>>; silver?: Readonly<Record<string, string>> } =
    {};
  const marks: StreamMark[] = [];
  // Rolling back behind a compaction removes no rows.
  const losesRows = table !== undefined && !sameRows(table, to);
  if (account?.stream !== undefined && kind !== "silver" && losesRows) {
    const { stream, ...rest } = account;
    marks.push(stream);
    properties.bronze = accountIn(rest);
  }
  // Only its job knows how far continuous silver has read bronze, even when the rollback only drops a compaction.
  if (silver?.stream !== undefined && kind !== "dlq") {
    const { stream, paused: _, ...rest } = silver;
    marks.push(stream);
    // No dataset has these rules, so silver is rebuilt: it may have rows that bronze no longer has.
    properties.silver = silverIn({ ...rest, rules: "" });
  }
  return { marks, properties };
}
