import { failed, PipectlError } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import { type Account, accountProperty, readAccount, recordedAccount } from "../account.js";
import { appendedSince, sameRows } from "../history.js";
import { recordedSilver, recordSilver, trustedState } from "../silver-state.js";
import { provenStream } from "../stream/proven.js";
import { loadTables, type Tables } from "../tables.js";
import type { Workspace } from "../workspace.js";

/** A stream commits at least that often; between its two commits nobody can prove anything. */
const patienceMs = 60_000;

/**
 * Moves the snapshots that the account and silver's state are about up to now, also while streams go on, so that older ones are
 * needed no more. What a stream has appended is counted row by row before it is recorded.
 *
 * @throws PipectlError (failed) `account_untrusted`, `publication_unfinished`; (unavailable) `timeout` when the tables held
 *   still at no moment in which the rows add up
 */
export async function settle(workspace: Workspace): Promise<void> {
  await untilDone(workspace, "the account to be settled", settleAccount);
  await untilDone(workspace, "silver's state to be settled", settleSilver);
}

/** Once more, when a stream has committed meanwhile. */
async function untilDone(
  workspace: Workspace,
  what: string,
  step: (workspace: Workspace, tables: Partial<Tables>) => Promise<boolean>,
): Promise<void> {
  const { signal, report, catalog, dataset } = workspace;
  await poll(
    async (why) => {
      try {
        if (await step(workspace, await loadTables(catalog, dataset))) return true;
        why("one of the two tables is a checkpoint ahead of the other");
      } catch (error) {
        if (!(error instanceof PipectlError) || error.code !== "commit_conflict") throw error;
        why("a stream has committed meanwhile");
      }
      return undefined;
    },
    { what, timeoutMs: patienceMs, signal, report, intervalMs: 300, hint: "pipectl validate" },
  );
}

async function settleAccount(workspace: Workspace, { bronze, dlq }: Partial<Tables>): Promise<boolean> {
  const recorded = recordedAccount(bronze);
  if (bronze === undefined || dlq === undefined || recorded === undefined) return true;
  readAccount(bronze, dlq);
  const isNow = (table: Tables["bronze"], snapshot: string | null) =>
    (table.current?.id ?? null) === snapshot;
  if (isNow(bronze, recorded.bronzeSnapshot) && isNow(dlq, recorded.dlqSnapshot)) return true;
  const same = sameRows(bronze, recorded.bronzeSnapshot) && sameRows(dlq, recorded.dlqSnapshot);
  const topic = await workspace.kafka.topicOffsets(workspace.dataset.topic);
  const account = same ? recorded : await provenStream(workspace, { bronze, dlq }, recorded, topic);
  if (account === undefined) return false;
  const [bronzeSnapshot, dlqSnapshot] = [bronze.current?.id ?? null, dlq.current?.id ?? null];
  await recordLater(workspace, bronze, { ...account, bronzeSnapshot, dlqSnapshot });
  return true;
}

/**
 * Records what was true of earlier snapshots. A stream that commits each second has moved on while its rows were counted: what
 * it has appended since counts from those snapshots on.
 */
async function recordLater(workspace: Workspace, before: Tables["bronze"], account: Account): Promise<void> {
  const { catalog, signal } = workspace;
  const known = before.properties[accountProperty];
  await poll(
    async (why) => {
      const now = await catalog.table(before.id);
      // Somebody else's account, or rows that went away: nothing of what was counted holds.
      if (
        now === undefined ||
        now.properties[accountProperty] !== known ||
        appendedSince(now, account.bronzeSnapshot) === undefined
      )
        throw failed("commit_conflict", "the account was changed by somebody else meanwhile");
      try {
        await catalog.commit({
          id: now.id,
          assertRefs: { main: now.current?.id ?? null },
          setProperties: { [accountProperty]: JSON.stringify(account) },
        });
        return true;
      } catch (error) {
        if (!(error instanceof PipectlError) || error.code !== "commit_conflict") throw error;
        why("a stream commits just now");
        return undefined;
      }
    },
    {
      what: "a moment between two commits",
      timeoutMs: patienceMs,
      signal,
      intervalMs: 50,
      hint: "pipectl jobs",
    },
  );
}

async function settleSilver(workspace: Workspace, { bronze, silver }: Partial<Tables>): Promise<boolean> {
  const recorded = silver === undefined ? undefined : recordedSilver(silver);
  if (bronze === undefined || silver === undefined || recorded === undefined) return true;
  // What somebody else has done to silver is for the next run to see.
  const state = trustedState(silver, workspace.dataset);
  if (state === undefined) return true;
  const next = {
    ...state,
    silverSnapshot: silver.current?.id ?? null,
    bronzeSnapshot: sameRows(bronze, state.bronzeSnapshot)
      ? (bronze.current?.id ?? null)
      : state.bronzeSnapshot,
  };
  if (next.silverSnapshot !== state.silverSnapshot || next.bronzeSnapshot !== state.bronzeSnapshot)
    await recordSilver(workspace, silver, next);
  return true;
}
