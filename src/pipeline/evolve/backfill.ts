import { count, plural } from "../../core/format.js";
import { jobNames } from "../../execution/job-names.js";
import { recordSchema } from "../../execution/record-schema.js";
import { reread } from "../../execution/reread.js";
import { runSession } from "../../execution/run-session.js";
import type { Table } from "../../iceberg/catalog.js";
import { type HashSum, noHashes, type RowHashes } from "../../lake/hash-sum.js";
import { asOf, readFrom } from "../../lake/read-options.js";
import type { PartitionAccount } from "../../ledger/account.js";
import type { Workspace } from "../../workspace/workspace.js";
import { rewriteLanded } from "../ingest/rewrite-landed.js";

export interface Backfill {
  /** Rows of bronze that got values from their `extra_fields`. */
  readonly rows: number;
  /** Rows with a value that does not fit its column: the value stays in `extra_fields`. */
  readonly unfit: number;
}

export const nothingToFill: Backfill = { rows: 0, unfit: 0 };

/** Counts the rows with extra fields for which the table now has a column. */
export async function findBackfill(workspace: Workspace, bronze: Table | undefined): Promise<Backfill> {
  if (bronze?.current === undefined) return nothingToFill;
  const { schema } = recordSchema(workspace.dataset);
  const [rows = 0, unfit = 0] = await reread(
    workspace,
    `COUNT(*) FILTER (WHERE p.parse_error IS NULL), COUNT(*) FILTER (WHERE p.parse_error LIKE 'field: %')`,
    `${readFrom(workspace.dataset.tables.bronze, {})} AS d`,
    "CAST(d.extra_fields AS BYTES)",
    { schema, notNull: "[]" },
    "d.extra_fields IS NOT NULL",
  );
  return { rows, unfit };
}

/** Only for the owner of the lock "run", while no stream is running. */
export async function backfillRows(workspace: Workspace, found: Backfill): Promise<Backfill> {
  const { report, dataset } = workspace;
  if (found.unfit > 0) {
    const which = `${plural(found.unfit, "row has", "rows have")} a value that does not fit its column`;
    report({ type: "warning", text: `${which}: it stays in extra_fields` });
  }
  if (found.rows === 0) return found;
  report({
    type: "step",
    text: `Backfill: ${count(found.rows)} rows get values from extra_fields; all of bronze is rewritten`,
  });
  const session = runSession(workspace);
  try {
    await rewriteLanded(workspace, session, {
      kinds: ["bronze"],
      file: "10_backfill",
      jobName: jobNames(dataset, session.run).backfill,
      context: ({ bronze }) => ({ backfillFrom: bronze.current?.id as string }),
      read: (_tables, heads) => ({ bronze: asOf(heads.bronze) }),
      // Values that move to a column may have another hash there: the sum follows.
      line: (before, { bronze, hashes }) =>
        bronze === before.bronze
          ? { ...before, hashes: refilled(before, hashes.bronze) }
          : `${count(before.bronze)} rows in bronze, but ${count(bronze)} were written`,
    });
    return found;
  } finally {
    await session.close();
  }
}

const refilled = ({ hashes: { bronze, dlq } = noHashes }: PartitionAccount, now: HashSum): RowHashes => ({
  bronze: { ...bronze, ...now },
  dlq,
});
