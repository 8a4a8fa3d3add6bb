import { failed, messageOf, PipectlError } from "../../core/errors.js";
import { poll } from "../../core/poll.js";
import type { Table } from "../../iceberg/catalog.js";
import { appendedSince, hasAncestor, sameRows } from "../../lake/lineage.js";
import { loadTables, type Tables } from "../../lake/tables.js";
import { type Account, accountIn, readAccount, recordedAccount } from "../../ledger/account.js";
import { reanchored } from "../../ledger/plan-run.js";
import { provenStream } from "../../ledger/proven.js";
import { withCommitted } from "../../ledger/resume.js";
import {
  recordedSilver,
  rulesOf,
  type SilverState,
  silverIn,
  stateAt,
  trustedState,
} from "../../ledger/silver-state.js";
import type { Workspace } from "../../workspace/workspace.js";
import { silverReach } from "./silver-reach.js";

/** A stream commits at least this often. Between its commits to the two tables nothing can be proven. */
const patienceMs = 60_000;

/**
 * Moves the snapshots that the account and silver's state refer to up to the current ones, also while streams run, so that
 * older snapshots can expire. Rows that a stream has appended are counted before they are recorded.
 *
 * @param reachOf finds the bronze snapshot up to which silver's stream has read everything
 * @throws PipectlError (failed) `account_untrusted`, `publication_unfinished`; (unavailable) `timeout` when the tables never
 *   paused long enough for the rows to add up
 */
export async function catchUp(workspace: Workspace, reachOf = silverReach): Promise<void> {
  await untilDone(workspace, "the account to be settled", catchUpAccount);
  await untilDone(workspace, "silver's state to be settled", (one, tables) =>
    catchUpSilver(one, tables, reachOf),
  );
}

/** Repeats a step when a stream has committed in the meantime. */
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
        why(
          "the rows do not add up: one of the two tables is a checkpoint ahead of the other, or Kafka has removed records that were not counted yet",
        );
      } catch (error) {
        if (!(error instanceof PipectlError) || error.code !== "commit_conflict") throw error;
        why("a stream has committed meanwhile");
      }
      return undefined;
    },
    {
      what,
      timeoutMs: patienceMs,
      signal,
      report,
      intervalMs: 300,
      hint: "pipectl validate; if the account is older than Kafka's records: pipectl stop, then pipectl process counts every row",
    },
  );
}

const isAt = (table: Table, snapshot: string | null) => (table.current?.id ?? null) === snapshot;

async function catchUpAccount(workspace: Workspace, { bronze, dlq }: Partial<Tables>): Promise<boolean> {
  const recorded = recordedAccount(bronze);
  if (bronze === undefined || dlq === undefined || recorded === undefined) return true;
  readAccount(bronze, dlq);
  if (isAt(bronze, recorded.bronzeSnapshot) && isAt(dlq, recorded.dlqSnapshot)) return true;
  const same = sameRows(bronze, recorded.bronzeSnapshot) && sameRows(dlq, recorded.dlqSnapshot);
  const account = same ? recorded : await counted(workspace, { bronze, dlq }, recorded);
  if (account === undefined) return false;
  const caughtUp = {
    ...{ ...account, ...(same ? {} : await reanchored(workspace, account)) },
    bronzeSnapshot: bronze.current?.id ?? null,
    dlqSnapshot: dlq.current?.id ?? null,
    ...withCommitted(account, { bronze, dlq }),
  };
  await recordLater(workspace, bronze, accountIn(caughtUp), caughtUp.bronzeSnapshot);
  return true;
}

/** JOB_TIMEOUT limits the count: without a TaskManager Flink would wait for one and hold the lock meanwhile. */
async function counted(
  workspace: Workspace,
  tables: Pick<Tables, "bronze" | "dlq">,
  recorded: Account,
): Promise<Account | undefined> {
  const { kafka, dataset, config } = workspace;
  const limit = AbortSignal.timeout(config.values.JOB_TIMEOUT);
  const limited = { ...workspace, signal: AbortSignal.any([workspace.signal, limit]) };
  try {
    return await provenStream(limited, tables, recorded, await kafka.topicOffsets(dataset.topic));
  } catch (error) {
    workspace.signal.throwIfAborted();
    if (!limit.aborted && !(error instanceof PipectlError && error.code === "query_failed")) throw error;
    const why = limit.aborted ? "it took longer than JOB_TIMEOUT" : messageOf(error);
    throw failed("upkeep_failed", `the rows that the stream has appended could not be counted: ${why}`, {
      hint: "pipectl status; pipectl logs taskmanager",
    });
  }
}

async function catchUpSilver(
  workspace: Workspace,
  tables: Partial<Tables>,
  reachOf: typeof silverReach,
): Promise<boolean> {
  const recorded = recordedSilver(tables.silver);
  if (recorded === undefined || tables.silver === undefined) return true;
  const trusted = trustedState(tables.silver, workspace.dataset);
  // Only the snapshots show the stream's next start that rows were removed, so they must not expire before it.
  if (
    trusted === undefined &&
    recorded.stream !== undefined &&
    recorded.rules === rulesOf(workspace.dataset)
  ) {
    throw failed(
      "silver_untrusted",
      `${workspace.dataset.tables.silver.qualified} is not as its stream left it: another program wrote to it`,
      { hint: "pipectl process-streaming --silver, or pipectl process-silver, rebuilds it" },
    );
  }
  // Foreign changes to a silver table that batch runs write are for the next batch run to notice.
  const { stream } = trusted ?? {};
  const reach = stream === undefined ? undefined : await reachOf(workspace, stream);
  const { bronze, silver } = await loadTables(workspace.catalog, workspace.dataset);
  const state = silver === undefined ? undefined : trustedState(silver, workspace.dataset);
  if (bronze === undefined || silver === undefined || state === undefined) return true;
  const next = {
    ...stateAt(silver, silver.current?.id ?? null, state),
    bronzeSnapshot: caughtUpReach(bronze, state, reach),
    ...withCommitted(state, { silver }),
  };
  if (next.bronzeSnapshot !== state.bronzeSnapshot || next.silverSnapshot !== state.silverSnapshot)
    await recordLater(workspace, silver, silverIn(next), next.silverSnapshot);
  return true;
}

/**
 * The bronze snapshot up to which silver holds everything: the stream's position, or, without a stream, the newest one with
 * the same rows.
 */
function caughtUpReach(bronze: Table, state: SilverState, reach: string | undefined): string | null {
  const { bronzeSnapshot } = state;
  if (state.stream === undefined)
    return sameRows(bronze, bronzeSnapshot) ? (bronze.current?.id ?? null) : bronzeSnapshot;
  const isLater =
    reach !== undefined &&
    hasAncestor(bronze, bronze.current?.id ?? "", reach) &&
    hasAncestor(bronze, reach, bronzeSnapshot);
  return isLater ? reach : bronzeSnapshot;
}

/**
 * Records, as a table property, a fact about an earlier snapshot. A stream that commits every second has appended more by
 * then, so rows are counted as new from that snapshot on.
 */
async function recordLater(
  { catalog, signal }: Workspace,
  { id, properties }: Table,
  record: Readonly<Record<string, string>>,
  since: string | null,
): Promise<void> {
  await poll(
    async (why) => {
      const now = await catalog.table(id);
      // Another record, or removed rows: the findings are no longer valid.
      if (
        now === undefined ||
        Object.keys(record).some((property) => now.properties[property] !== properties[property]) ||
        appendedSince(now, since) === undefined
      )
        throw failed("commit_conflict", `${id.namespace}.${id.table} was changed by somebody else meanwhile`);
      try {
        await catalog.commit({
          id,
          assertRefs: { main: now.current?.id ?? null },
          setProperties: record,
        });
        return true;
      } catch (error) {
        if (!(error instanceof PipectlError) || error.code !== "commit_conflict") throw error;
        why("a stream is committing right now");
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
