import type { Table } from "../../iceberg/catalog.js";
import { type Account, accountProperty, recordedAccount } from "../account.js";
import type { Workspace } from "../workspace.js";

/**
 * Puts another mark into the account, which otherwise stays as it is on record. Refused when bronze is no longer as it was
 * read.
 *
 * @throws PipectlError (failed) `commit_conflict`
 */
export async function recordMark(
  { catalog }: Workspace,
  bronze: Table,
  stream: Account["stream"],
): Promise<void> {
  const account = recordedAccount(bronze);
  if (account === undefined) return;
  await catalog.commit({
    id: bronze.id,
    assertRefs: { main: bronze.current?.id ?? null },
    setProperties: { [accountProperty]: JSON.stringify({ ...account, stream }) },
  });
}
