import type { Verdict } from "../../core/verdict.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { appendedSince } from "../../lake/lineage.js";
import { loadTables } from "../../lake/tables.js";
import { lastRuns, unusualShare } from "../../ledger/dead-letter-share.js";
import { recordedAcceptances } from "../dead-letters/acceptances.js";
import type { StageContext } from "./stage-check.js";

/**
 * The dead letters of the last run as part of the account's stage: they add up, and yet something upstream has changed. A warning, or with
 * DLQ_MAX_SHARE a failure. Reads no row. Undefined where somebody has accepted all that there are.
 */
export async function dlqShare({ workspace }: Pick<StageContext, "workspace">): Promise<Verdict | undefined> {
  const { bronze, dlq } = await loadTables(workspace.catalog, workspace.dataset);
  if (totalRecords(dlq?.current) === 0) return undefined;
  const limit = workspace.config.values.DLQ_MAX_SHARE;
  const detail = unusualShare(lastRuns(bronze, dlq), limit);
  if (detail === undefined) return undefined;
  const accepted = recordedAcceptances(dlq);
  if (dlq !== undefined && accepted !== undefined && accepted.accepted >= totalRecords(dlq.current)) {
    const untouched = appendedSince(dlq, accepted.snapshot);
    if (untouched !== undefined) return undefined;
  }
  const hint = "pipectl dlq";
  return limit === undefined
    ? { status: "warn", detail, hint }
    : { status: "fail", detail: `${detail}, more than DLQ_MAX_SHARE allows`, hint };
}
