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

/** The dead letters to accept, and a note. */
export interface ToAccept {
  readonly filter: DeadLetterFilter;
  readonly note: string | null;
}

/** The effects of accepting dead letters, or of revoking all acceptances, in numbers of dead letters. */
export interface AcceptPlan {
  readonly table: string;
  /** Newly accepted by this call. */
  readonly added: number;
  /** No longer accepted after this call. */
  readonly revoked: number;
  /** All accepted ones, after this call. */
  readonly accepted: number;
  readonly open: number;
  /** Reasons of the newly accepted ones. */
  readonly reasons: readonly Pick<ReasonLine, "reason" | "field" | "count">[];
  /** A damaged record is cleared. Nobody knows what it accepted. */
  readonly cleared?: true;
}

/** A plan, and the record that it is based on. */
export interface Seen {
  readonly plan: AcceptPlan;
  /** Undefined when there is nothing to change. */
  readonly record?: Acceptances;
  /** The property before the change. */
  readonly before: string | undefined;
}

/**
 * Plans to accept the current dead letters, or with `revoke` to revoke all acceptances. Changes nothing.
 *
 * @throws PipectlError (failed) `account_untrusted`, `publication_unfinished`: missing dead letters could come back later, at
 *   accepted offsets; `acceptances_full`; `acceptances_untrusted` except for `revoke`
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
 * Records a plan, in one commit. Dead letters that came later are not included.
 *
 * @throws PipectlError (failed) `commit_conflict` when the acceptances have been changed meanwhile, or some of the dead
 *   letters in the plan are missing; `busy` while a run is active
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
        // A stream appends to the table at each checkpoint.
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
