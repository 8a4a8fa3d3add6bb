import type { StreamKind } from "../execution/stream-jobs.js";
import type { Table } from "../iceberg/catalog.js";
import { keepsSnapshot } from "../lake/lineage.js";
import type { Tables } from "../lake/tables.js";
import { readableAccount } from "./account.js";
import { missingCommits } from "./resume.js";
import { readableSilver } from "./silver-state.js";

/**
 * What a stream needs and another tool has expired. Such a stream may run normally until it is restarted, or may no longer
 * read anything. Undefined when nothing is missing. Pure.
 */
export function expiredOf(kind: StreamKind, { bronze, dlq, silver }: Partial<Tables>): string | undefined {
  if (bronze === undefined) return undefined;
  if (kind === "bronze") {
    const account = readableAccount(bronze);
    if (account?.stream === undefined || dlq === undefined) return undefined;
    return (
      missingSnapshot(bronze, account.bronzeSnapshot) ??
      missingSnapshot(dlq, account.dlqSnapshot) ??
      missingCommits(account.stream, { bronze, dlq })
    );
  }
  const state = readableSilver(silver);
  if (state?.stream === undefined || silver === undefined) return undefined;
  return (
    missingSnapshot(silver, state.silverSnapshot) ??
    missingSnapshot(bronze, state.bronzeSnapshot) ??
    missingCommits(state.stream, { silver })
  );
}

function missingSnapshot(table: Table, snapshot: string | null): string | undefined {
  if (keepsSnapshot(table, snapshot)) return undefined;
  const { id } = table;
  return `${id.namespace}.${id.table} no longer has snapshot ${snapshot}: another tool has expired it`;
}
