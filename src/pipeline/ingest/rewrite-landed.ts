import { failed } from "../../core/errors.js";
import { sum } from "../../core/sum.js";
import { deleteOldState } from "../../execution/delete-state.js";
import { readyTables } from "../../execution/ready-tables.js";
import { runBatch } from "../../execution/run-batch.js";
import type { RunSession } from "../../execution/run-session.js";
import type { RunContext } from "../../execution/sql-context.js";
import { branchOf, onBranch, publication, publish, writtenTo } from "../../lake/branches.js";
import { noHashes } from "../../lake/hash-sum.js";
import { hashForm } from "../../lake/row-hash.js";
import type { Tables } from "../../lake/tables.js";
import { type Account, accountIn, type PartitionAccount, partitionName } from "../../ledger/account.js";
import { countRows, type Found, type Read } from "../../ledger/count-rows.js";
import { publishDeadLetters } from "../../ledger/publication.js";
import { accountInForce } from "../../ledger/recount.js";
import type { FileName } from "../../sql/files.js";
import type { Workspace } from "../../workspace/workspace.js";

/** A statement that rewrites rows which have landed already. */
export interface Rewrite {
  /** The tables that it writes to. */
  readonly kinds: readonly ("bronze" | "dlq")[];
  readonly file: FileName;
  readonly jobName: string;
  readonly context: (tables: Tables) => Partial<RunContext>;
  /** Called after the branch is created, before the statement. */
  readonly before?: (tables: Tables, branch: string) => Promise<void>;
  /** Which rows of each table to count. */
  readonly read: (tables: Tables, heads: { readonly bronze: string; readonly dlq: string }) => Read;
  /**
   * A partition's line of the account after the rewrite, from its counted rows.
   *
   * @returns a text that says what does not add up, if anything does not
   */
  readonly line: (
    before: PartitionAccount,
    rows: Pick<Found, "bronze" | "dlq" | "hashes">,
  ) => PartitionAccount | string;
}

/** The account's lines before and after a rewrite, in the same order. */
export interface Rewritten {
  readonly before: readonly PartitionAccount[];
  readonly after: readonly PartitionAccount[];
}

/**
 * Rewrites landed rows on a branch, counts them by incarnation and partition against the account, and publishes them with the account that
 * names them. Only for the owner of the lock "run", while no stream is at work.
 *
 * @returns undefined when nothing has ever landed
 * @throws PipectlError (failed) `rows_missing`, `audit_failed`; in both cases nothing has changed
 */
export async function rewriteLanded(
  workspace: Workspace,
  session: RunSession,
  rewrite: Rewrite,
): Promise<Rewritten | undefined> {
  const { kafka, catalog, dataset } = workspace;
  const [topic, tables] = await Promise.all([kafka.topicOffsets(dataset.topic), readyTables(workspace)]);
  // Rows that a stream has appended are counted first: the rewrite ends the state of its jobs.
  const { account, present } = await accountInForce(workspace, tables, topic, false);
  if (account === undefined) return undefined;
  requireNoHole(present);
  const branch = branchOf(session.run);
  const written = rewrite.kinds.map((kind) => tables[kind]);
  session.open();
  const { work, after } = await onBranch(workspace, written, branch, async () => {
    await rewrite.before?.(tables, branch);
    const { file, jobName } = rewrite;
    await runBatch(workspace, session, { file, jobName, context: { branch, ...rewrite.context(tables) } });
    const work = {
      bronze: await writtenTo(catalog, tables.bronze, branch),
      dlq: await writtenTo(catalog, tables.dlq, branch),
    };
    const heads = { bronze: work.bronze.head as string, dlq: work.dlq.head as string };
    return {
      work,
      after: linesOf(account, await countRows(workspace, tables, [], rewrite.read(tables, heads)), rewrite),
    };
  });
  const { stream, ...rest } = account;
  const next: Account = {
    ...{ ...rest, hashForm, run: session.run, partitions: after },
    ...{ bronzeSnapshot: work.bronze.head, dlqSnapshot: work.dlq.head },
  };
  await publish(workspace, written, branch, publication(tables.bronze, work.bronze, branch, accountIn(next)));
  if (rewrite.kinds.includes("dlq"))
    await publishDeadLetters(workspace, publication(tables.dlq, work.dlq, branch, {}));
  // No stream may resume from its old state: the account names the next offsets.
  await deleteOldState(workspace, stream);
  return { before: account.partitions, after };
}

/**
 * An account with a hole names the offset to start from. Only the count knows that some rows after it exist, and an account
 * published without that would ingest them twice.
 *
 * @throws PipectlError (failed) `rows_missing`
 */
function requireNoHole(present: ReadonlyMap<number, number> | undefined): void {
  const rows = sum([...(present?.values() ?? [])]);
  if (rows === 0) return;
  throw failed("rows_missing", "the tables have a hole: offsets are missing before existing rows", {
    hint: "pipectl process, or process-streaming, fills it; then run the same command again",
  });
}

function linesOf(account: Account, found: readonly Found[], { line }: Rewrite): PartitionAccount[] {
  const at = (one: { readonly incarnation: number; readonly partition: number }) =>
    `${one.incarnation}/${one.partition}`;
  const rows = new Map(found.map((one) => [at(one), one]));
  const lines = account.partitions.map((one) =>
    line(one, rows.get(at(one)) ?? { bronze: 0, dlq: 0, hashes: noHashes }),
  );
  const known = new Set(account.partitions.map(at));
  const wrong = [
    ...lines.flatMap((one, i) =>
      typeof one === "string" ? [`${partitionName(account.partitions[i] as PartitionAccount)}: ${one}`] : [],
    ),
    ...found
      .filter((one) => !known.has(at(one)))
      .map((one) => `${partitionName(one)}: is not in the account`),
  ];
  if (wrong.length === 0) return lines as PartitionAccount[];
  throw failed("audit_failed", `the rows do not add up; nothing was published:\n  ${wrong.join("\n  ")}`, {
    hint: "pipectl validate --deep",
  });
}
