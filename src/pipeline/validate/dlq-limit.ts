import { count } from "../../core/format.js";
import { sum } from "../../core/sum.js";
import { worst } from "../../core/verdict.js";
import { totalRecords } from "../../iceberg/catalog.js";
import { appendedSince } from "../../lake/lineage.js";
import type { Workspace } from "../../workspace/workspace.js";
import { acceptedOf, recordedAcceptances } from "../dead-letters/acceptances.js";
import { countDeadLetters } from "../dead-letters/count-dead-letters.js";
import type { Stage } from "./result.js";

/**
 * DLQ_MAX as a part of stage 3: it fails when more dead letters than that are not accepted. No row is read while the
 * table's own numbers say that they are not.
 */
export async function withDlqLimit(workspace: Workspace, stage: Stage): Promise<Stage> {
  const max = workspace.config.values.DLQ_MAX;
  if (max === undefined) return stage;
  const open = await openDeadLetters(workspace, max);
  if (open <= max) return stage;
  const status = worst([stage.status, "fail"]);
  const detail = `${stage.detail}; ${count(open)} dead letters that nobody has accepted, more than DLQ_MAX=${max}`;
  const hint = stage.status === "fail" && stage.hint !== undefined ? stage.hint : "pipectl dlq";
  return { ...stage, status, detail, hint };
}

/** Dead letters that are not accepted; exact where there are more than `max`. */
async function openDeadLetters(workspace: Workspace, max: number): Promise<number> {
  const table = await workspace.catalog.table(workspace.dataset.tables.dlq);
  const total = totalRecords(table?.current);
  const record = recordedAcceptances(table);
  if (table === undefined || record === undefined || total <= max) return total;
  // While rows were only added since, those that were accepted are all there.
  const accepted = appendedSince(table, record.snapshot) === undefined ? 0 : record.accepted;
  if (total - accepted <= max) return total - accepted;
  const groups = await countDeadLetters(workspace, table, record.acceptances);
  return total - sum(acceptedOf(record.acceptances, groups));
}
