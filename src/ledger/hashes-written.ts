import { failed } from "../core/errors.js";
import { count } from "../core/format.js";
import { type Queries, query } from "../execution/query.js";
import type { Table } from "../iceberg/catalog.js";
import type { AddedRows } from "../lake/added-rows.js";
import type { BranchWork } from "../lake/branches.js";
import { type LandingKind, landingKinds } from "../lake/definitions.js";
import { type HashSum, noHashes, type RowHashes } from "../lake/hash-sum.js";
import { appendedBetween, readFrom } from "../lake/read-options.js";

/**
 * Reads the hashes of the rows that a run has written to its branches, and adds them to what it added.
 *
 * @param before the tables as they were when the branches were made
 * @throws PipectlError (failed) `audit_failed` unless as many rows can be read as were written, each with a hash
 */
export async function withHashesWritten(
  workspace: Queries,
  before: Readonly<Record<LandingKind, Table>>,
  work: Readonly<Record<LandingKind, BranchWork>>,
  added: readonly AddedRows[],
): Promise<AddedRows[]> {
  const written = landingKinds.filter((kind) => work[kind].snapshots.length > 0);
  if (written.length === 0) return [...added];
  workspace.report({ type: "step", text: "Bronze: reading the new rows' hashes" });
  const selects = written.map((kind) => {
    const { id, current } = before[kind];
    const rows = readFrom(id, appendedBetween(current?.id ?? null, work[kind].head as string));
    return `SELECT kafka_partition, '${kind}' AS kind, row_hash FROM ${rows}`;
  });
  const { rows } = await query(
    workspace,
    `SELECT kafka_partition, kind, COUNT(*), COUNT(row_hash), SUM(row_hash)
     FROM (${selects.join(" UNION ALL ")}) GROUP BY kafka_partition, kind`,
    1_000_000,
  );
  const found = new Map<string, HashSum & { readonly read: number }>(
    rows.map(([partition, kind, read, hashed, sum]) => [
      `${partition}/${kind}`,
      { read: Number(read), rows: Number(hashed), sum: String(sum ?? 0) },
    ]),
  );
  const wrong: string[] = [];
  const all = added.map((one): AddedRows => {
    const of = (kind: LandingKind): HashSum => {
      const { read, ...sum } = found.get(`${one.partition}/${kind}`) ?? { read: 0, ...noHashes[kind] };
      if (read !== one[kind] || sum.rows !== one[kind])
        wrong.push(
          `partition ${one.partition}: ${count(one[kind])} rows for ${kind === "bronze" ? "bronze" : "the dead letters"}, of which ${count(read)} can be read and ${count(sum.rows)} have a hash`,
        );
      return sum;
    };
    const hashes: RowHashes = { bronze: of("bronze"), dlq: of("dlq") };
    return { ...one, hashes };
  });
  if (wrong.length === 0) return all;
  throw failed(
    "audit_failed",
    `the job's rows do not add up; nothing was published:\n  ${wrong.join("\n  ")}`,
    {
      hint: "pipectl process takes the same offsets again; pipectl logs taskmanager",
    },
  );
}
