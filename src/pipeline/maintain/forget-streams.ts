import { sameRows } from "../../lake/lineage.js";
import type { StreamMark } from "../../lake/stream-mark.js";
import type { Tables } from "../../lake/tables.js";
import { accountIn, readableAccount } from "../../ledger/account.js";
import { readableSilver, silverIn } from "../../ledger/silver-state.js";

/** What is on record once nobody may go on from a stream's state any more. */
export interface Forgotten {
  /** Of the streams whose state is of no use now. */
  readonly marks: readonly StreamMark[];
  /** New properties, by table. */
  readonly properties: Partial<Readonly<Record<keyof Tables, Readonly<Record<string, string>>>>>;
}

/**
 * Takes the streams off the record that know of rows which a table no longer has when it goes back. A savepoint still has
 * read them, and would leave them out for ever. Today the snapshots that were left tell of it; once these expire, nothing does. Pure.
 *
 * @param kind the table that goes back
 * @param to id of a snapshot in its history
 */
export function forgetStreams(kind: keyof Tables, to: string, tables: Partial<Tables>): Forgotten {
  const account = readableAccount(tables.bronze);
  const silver = readableSilver(tables.silver);
  const table = tables[kind];
  const properties: { bronze?: Readonly<Record<string, string>>; silver?: Readonly<Record<string, string>> } =
    {};
  const marks: StreamMark[] = [];
  // A compaction that goes out of sight takes no row with it.
  const losesRows = table !== undefined && !sameRows(table, to);
  if (account?.stream !== undefined && kind !== "silver" && losesRows) {
    const { stream, ...rest } = account;
    marks.push(stream);
    properties.bronze = accountIn(rest);
  }
  // How far continuous silver has read bronze only its job knows, also where just a compaction goes out of sight.
  if (silver?.stream !== undefined && kind !== "dlq") {
    const { stream, paused: _, ...rest } = silver;
    marks.push(stream);
    // No dataset's rules: silver is made anew, because it may have rows that bronze has no longer.
    properties.silver = silverIn({ ...rest, rules: "" });
  }
  return { marks, properties };
}
