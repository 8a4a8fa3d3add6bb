import { instant } from "../../core/format.js";
import { query } from "../../execution/query.js";
import type { Table } from "../../iceberg/catalog.js";
import { rowsOf } from "../../lake/former-names.js";
import { asOf } from "../../lake/read-options.js";
import type { Workspace } from "../../workspace/workspace.js";
import { type Acceptance, acceptanceSql } from "./acceptances.js";
import { type DeadLetterGroup, fieldSql, reasonSql } from "./reasons.js";

/** Counts the dead letters of the table's current snapshot with one query. An empty table needs no query. */
export async function countDeadLetters(
  workspace: Workspace,
  table: Table | undefined,
  acceptances: readonly Acceptance[],
): Promise<DeadLetterGroup[]> {
  if (table?.current === undefined) return [];
  const { rows } = await query(
    workspace,
    `SELECT kafka_incarnation, kafka_partition, reason, field, acceptance, COUNT(*),
       CAST(MIN(kafka_timestamp) AS STRING), CAST(MAX(kafka_timestamp) AS STRING), MAX(letter)
     FROM (
       SELECT kafka_incarnation, kafka_partition, kafka_timestamp, ${reasonSql} AS reason,
         ${fieldSql(workspace.dataset)} AS field, ${acceptanceSql(acceptances)} AS acceptance,
         CONCAT(LPAD(CAST(kafka_offset AS STRING), 19, '0'), COALESCE(\`error\`, '')) AS letter
       FROM ${rowsOf(table, asOf(table.current.id))}
     ) GROUP BY kafka_incarnation, kafka_partition, reason, field, acceptance`,
    1_000_000,
  );
  return rows.map(groupOf);
}

function groupOf(row: readonly unknown[]): DeadLetterGroup {
  const [incarnation, partition, reason, field, acceptance, count, first, last, deadLetter] = row;
  // 2^63 has 19 digits.
  const [offset, error] = [String(deadLetter).slice(0, 19), String(deadLetter).slice(19)];
  return {
    incarnation: Number(incarnation),
    partition: Number(partition),
    reason: String(reason),
    field: field === null ? null : String(field),
    acceptance: Number(acceptance) < 0 ? null : Number(acceptance),
    count: Number(count),
    first: instant(first),
    last: instant(last),
    newest: { offset: Number(offset), error },
  };
}
