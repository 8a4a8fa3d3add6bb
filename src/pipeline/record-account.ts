import type { Table } from "../iceberg/catalog.js";
import { type Account, accountProperty, type advance } from "./account.js";
import type { Workspace } from "./workspace.js";

/**
 * Records an account without a row: what was accepted, or where a stream begins. Refused when bronze is no longer as it
 * was read.
 *
 * @throws PipectlError (failed) `commit_conflict`
 */
export async function recordAccount(
  { catalog, dataset }: Workspace,
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
  advanced: ReturnType<typeof advance>,
): Promise<void> {
  const [bronzeSnapshot, dlqSnapshot] = [bronze.current?.id ?? null, dlq.current?.id ?? null];
  const account: Account = { ...advanced, topic: dataset.topic, bronzeSnapshot, dlqSnapshot };
  await catalog.commit({
    id: bronze.id,
    assertRefs: { main: bronzeSnapshot },
    setProperties: { [accountProperty]: JSON.stringify(account) },
  });
}
