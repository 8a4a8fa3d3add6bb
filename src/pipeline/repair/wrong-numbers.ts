import { PipectlError } from "../../core/errors.js";
import { count } from "../../core/format.js";
import type { Tables } from "../../lake/tables.js";
import { type Account, accountIn, lineOf, partitionName, readAccount } from "../../ledger/account.js";
import type { Found } from "../../ledger/count-rows.js";
import { addsUp } from "../../ledger/plausible.js";
import type { Patient, Treatment } from "./treatment.js";

/** No snapshot has this id: an account for it is counted again. */
const noSnapshot = "0";

/** An account that is damaged, not for these tables, or does not say what was counted. */
export function accountTreatment(
  { workspace, account: recorded }: Patient,
  { bronze, dlq }: Pick<Tables, "bronze" | "dlq">,
  found: readonly Found[],
): Treatment[] {
  const treatment: Omit<Treatment, "detail"> = {
    finding: "account_untrusted",
    table: `${bronze.id.namespace}.${bronze.id.table}`,
    action: "count every row by partition and offset, and ingest the records that are missing",
    gone: 0,
    after: "bronze",
    // Nothing: the next run counts an account that does not hold.
    carryOut: async () => {},
  };
  let account: Account | undefined;
  try {
    account = readAccount(bronze, dlq);
  } catch (error) {
    if (!(error instanceof PipectlError) || !counted.has(error.code)) throw error;
    return [{ ...treatment, detail: error.message }];
  }
  const wrong = account === undefined ? undefined : difference(account, found);
  if (wrong === undefined || recorded === undefined) return [];
  const carryOut = async () =>
    await workspace.catalog.commit({
      id: bronze.id,
      assertRefs: { main: bronze.current?.id ?? null },
      setProperties: accountIn({ ...recorded, bronzeSnapshot: noSnapshot }),
    });
  return [{ ...treatment, detail: wrong, carryOut }];
}

const counted: ReadonlySet<string> = new Set(["account_untrusted", "publication_unfinished"]);

/** The first thing that the account says otherwise. */
function difference({ partitions }: Account, found: readonly Found[]): string | undefined {
  for (const line of partitions) {
    const rows = lineOf(found, line);
    const [bronze, dlq] = [rows?.bronze ?? 0, rows?.dlq ?? 0];
    if (bronze !== line.bronze || dlq !== line.dlq)
      return `the account of ${partitionName(line)} says ${count(line.bronze)} bronze and ${count(line.dlq)} dead letters, but there are ${count(bronze)} and ${count(dlq)}`;
    if (!addsUp(line))
      return `the numbers of ${partitionName(line)} do not add up in the account: ${JSON.stringify(line)}`;
  }
  const unknown = found.find((rows) => lineOf(partitions, rows) === undefined);
  return unknown === undefined ? undefined : `the account does not know ${partitionName(unknown)}`;
}
