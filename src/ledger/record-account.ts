import type { Table } from "../iceberg/catalog.js";
import type { Needs } from "../workspace/workspace.js";
import { type Account, accountIn, type advance, recordedAccount } from "./account.js";

/**
 * Records an account without writing rows: accepted losses, or the start of a stream. Fails when bronze has changed since it
 * was read.
 *
 * @throws PipectlError (failed) `commit_conflict`
 */
export async function recordAccount(
  workspace: Needs<"dataset" | "catalog">,
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
  advanced: ReturnType<typeof advance>,
): Promise<void> {
  const [bronzeSnapshot, dlqSnapshot] = [bronze.current?.id ?? null, dlq.current?.id ?? null];
  const topic = workspace.dataset.topic;
  await commit(workspace, bronze, { ...advanced, topic, bronzeSnapshot, dlqSnapshot });
}

/** Replaces the stream's mark in the recorded account, and what else is given. Fails in the same case. */
export async function recordMark(
  workspace: Needs<"catalog">,
  bronze: Table,
  stream: NonNullable<Account["stream"]>,
  more: Pick<Account, "anchors"> = {},
): Promise<void> {
  const account = recordedAccount(bronze);
  if (account !== undefined) await commit(workspace, bronze, { ...account, ...more, stream });
}

async function commit({ catalog }: Needs<"catalog">, bronze: Table, account: Account): Promise<void> {
  await catalog.commit({
    id: bronze.id,
    assertRefs: { main: bronze.current?.id ?? null },
    setProperties: accountIn(account),
  });
}
