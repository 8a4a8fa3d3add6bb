import { failed, PipectlError } from "../../core/errors.js";
import { unlessDamaged } from "../../core/record-codec.js";
import { sum } from "../../core/sum.js";
import type { Table } from "../../iceberg/catalog.js";
import { appendedSince } from "../../lake/lineage.js";
import { loadTables } from "../../lake/tables.js";
import { readAccount } from "../../ledger/account.js";
import { exclusively } from "../../workspace/lock.js";
import type { Workspace } from "../../workspace/workspace.js";
import {
  type Acceptances,
  acceptedIn,
  acceptedOf,
  acceptedProperty,
  recordedAcceptances,
  withAcceptance,
} from "./acceptances.js";
import { countDeadLetters } from "./count-dead-letters.js";
import { type DeadLetterFilter, type DeadLetterGroup, isAmong } from "./reasons.js";
import { type ReasonLine, reasonLines } from "./summary.js";

/** What is to be accepted. */
export interface ToAccept {
  readonly filter: DeadLetterFilter;
  readonly note: string | null;
}

/** What accepting changes, or taking it back: numbers of dead letters. */
export interface AcceptPlan {
  readonly table: string;
  /** Accepted by this, and not before. */
  readonly added: number;
  /** No longer accepted. */
  readonly revoked: number;
  /** Of all there are, then. */
  readonly accepted: number;
  readonly open: number;
  /** Of those that are to be accepted. */
  readonly reasons: readonly Pick<ReasonLine, "reason" | "field" | "count">[];
  /** A damaged record goes, of which nobody can tell what it accepted. */
  readonly cleared?: true;
}

/** A plan, and what was seen when it was made. */
export interface Seen {
  readonly plan: AcceptPlan;
  /** Undefined where there is nothing to change. */
  readonly record?: Acceptances;
  /** The record as it was. */
  readonly before: string | undefined;
}

/**
 * What it would be to accept dead letters that are there now, or with `revoke` to take all of it back. Changes nothing.
 *
 * @throws PipectlError (failed) `account_untrusted`, `publication_unfinished`: dead letters that are not there could come
 *   back later, at offsets that were accepted; `acceptances_full`; `acceptances_untrusted` unless all is taken back
 */
export async function planAccept(workspace: Workspace, what: ToAccept | "revoke"): Promise<Seen> {
  const { catalog, dataset } = workspace;
  const { bronze, dlq } = await loadTables(catalog, dataset);
  const table = dataset.tables.dlq.qualified;
  const before = dlq?.properties[acceptedProperty];
  if (dlq?.current === undefined) {
    const nothing = { added: 0, revoked: 0, accepted: 0, open: 0, reasons: [] };
    return { plan: { table, ...nothing }, before };
  }
  if (what !== "revoke") readAccount(bronze, dlq);
  const recorded =
    what === "revoke" ? unlessDamaged(() => recordedAcceptances(dlq)) : recordedAcceptances(dlq);
  const earlier = recorded?.acceptances ?? [];
  const groups = await countDeadLetters(workspace, dlq, earlier);
  const now = sum(acceptedOf(earlier, groups));
  const { acceptances, added } =
    what === "revoke"
      ? { acceptances: [], added: 0 }
      : withAcceptance(earlier, groups, what.filter, { at: new Date().toISOString(), note: what.note });
  const accepted = what === "revoke" ? 0 : now + added;
  const damaged = recorded === undefined && before !== undefined;
  const total = sum(groups.map(({ count }) => count));
  const plan = {
    ...{ table, added, revoked: what === "revoke" ? now : 0, accepted, open: total - accepted },
    reasons: what === "revoke" ? [] : reasonsOf(groups, what.filter),
    ...(damaged ? { cleared: true as const } : {}),
  };
  const changes = what === "revoke" ? earlier.length > 0 || damaged : added > 0;
  const record = { version: 2 as const, snapshot: dlq.current.id, accepted, acceptances };
  return { plan, before, ...(changes ? { record } : {}) };
}

function reasonsOf(groups: readonly DeadLetterGroup[], filter: DeadLetterFilter): AcceptPlan["reasons"] {
  const open = groups.filter((group) => group.acceptance === null && isAmong(filter, group));
  return reasonLines(open).map(({ reason, field, count }) => ({ reason, field, count }));
}

/**
 * Records what was planned, in one commit. Dead letters that have come since are not in it.
 *
 * @throws PipectlError (failed) `commit_conflict` when somebody else has accepted some meanwhile, or the dead letters that
 *   were seen are not all there; `busy` while a run is at work
 */
export async function accept(workspace: Workspace, { record, before }: Seen): Promise<void> {
  if (record === undefined) return;
  await exclusively(workspace, "run", async () => {
    for (let attempt = 1; ; attempt++) {
      const table = await workspace.catalog.table(workspace.dataset.tables.dlq);
      requireAsSeen(table, record, before);
      try {
        return await commit(workspace, table, record);
      } catch (error) {
        // A stream appends to it at each checkpoint.
        if (!(error instanceof PipectlError) || error.code !== "commit_conflict" || attempt === attempts)
          throw error;
      }
    }
  });
}

const attempts = 5;

function requireAsSeen(
  table: Table | undefined,
  record: Acceptances,
  before: string | undefined,
): asserts table is Table {
  const seen = table !== undefined && appendedSince(table, record.snapshot) !== undefined;
  if (seen && table.properties[acceptedProperty] === before) return;
  throw failed("commit_conflict", "the dead letters were changed by somebody else meanwhile", {
    hint: "pipectl dlq; then the same command again",
  });
}

async function commit({ catalog }: Workspace, table: Table, record: Acceptances): Promise<void> {
  await catalog.commit({
    id: table.id,
    assertRefs: { main: table.current?.id ?? null },
    setProperties: acceptedIn(record),
  });
}
