import { count } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import type { Verdict } from "../../core/verdict.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { appendedSince } from "../../lake/lineage.js";
import type { Workspace } from "../../workspace/workspace.js";
import { acceptedOf, recordedAcceptances } from "../dead-letters/acceptances.js";
import { countDeadLetters } from "../dead-letters/count-dead-letters.js";
import type { StageContext } from "./stage-check.js";

/**
 * DLQ_MAX as part of the account's stage: it fails when more dead letters than that are not accepted. Rows are read only if
 * the table's metadata cannot rule that out.
 */
export async function dlqLimit({ workspace }: Pick<StageContext, "workspace">): Promise<Verdict | undefined> {
  const max = workspace.config.values.DLQ_MAX;
  if (max === undefined) return undefined;
  const open = await openDeadLetters(workspace, max);
  if (open <= max) return undefined;
  const detail = `${count(open)} dead letters that nobody has accepted, more than DLQ_MAX=${max}`;
  return { status: "fail", detail, hint: "pipectl dlq" };
}

/** Dead letters that are not accepted; exact when there are more than `max`. */
async function openDeadLetters(workspace: Workspace, max: number): Promise<number> {
  const table = await workspace.catalog.table(workspace.dataset.tables.dlq);
  const total = totalRecords(table?.current);
  const record = recordedAcceptances(table);
  if (table === undefined || record === undefined || total <= max) return total;
  // If rows were only added since then, the accepted ones are all still in the table.
  const accepted = appendedSince(table, record.snapshot) === undefined ? 0 : record.accepted;
  if (total - accepted <= max) return total - accepted;
  const groups = await countDeadLetters(workspace, table, record.acceptances);
  return total - sum(acceptedOf(record.acceptances, groups));
}
