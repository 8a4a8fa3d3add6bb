import type { Table } from "../../iceberg/catalog.js";
import { ancestorsOf, jobOf } from "../../lake/lineage.js";
import { loadTables } from "../../lake/tables.js";
import { readableAccount } from "../../ledger/account.js";
import { type RecordedJob, type RunRecord, readRunRecord } from "../../workspace/run-record.js";
import type { Workspace } from "../../workspace/workspace.js";

/**
 * The last job of each kind, as recorded by `process` on this machine, or else as found in the tables. That way validate can
 * judge, in a container of its own, what was run elsewhere.
 */
export async function lastJobs(workspace: Workspace): Promise<RunRecord> {
  const { runtime, catalog, dataset } = workspace;
  const record = await readRunRecord(runtime.home, dataset.name);
  if (record.bronze !== undefined && record.silver !== undefined) return record;
  const { bronze, dlq, silver } = await loadTables(catalog, dataset);
  // Rows that a stream has written say nothing about a batch job.
  const landed =
    readableAccount(bronze)?.stream === undefined
      ? (published(bronze, "bronze") ?? published(dlq, "bronze"))
      : undefined;
  const made = published(silver, "silver");
  return {
    ...(landed === undefined ? {} : { bronze: landed }),
    ...(made === undefined ? {} : { silver: made }),
    ...record,
  };
}

/** The job whose rows readers see. A run publishes them only after its job is FINISHED. */
function published(table: Table | undefined, kind: string): RecordedJob | undefined {
  // Compactions and deletions of dates are not such jobs.
  const at = table === undefined ? undefined : ancestorsOf(table).find((snapshot) => jobOf(snapshot) !== "");
  if (at === undefined) return undefined;
  const endedAt = new Date(at.timestampMs).toISOString();
  return { id: jobOf(at), name: `pipectl ${kind} job of ${endedAt}`, state: "FINISHED", seconds: 0, endedAt };
}
