import { failed } from "../core/errors.js";
import { count, plural } from "../core/format.js";
import { sum } from "../core/sum.js";
import type { Table } from "../iceberg/catalog.js";
import { keepsSnapshot, sameRows } from "../lake/lineage.js";
import type { Needs } from "../workspace/workspace.js";
import { type Account, lineOf, type PartitionAccount } from "./account.js";
import type { Found } from "./count-rows.js";
import { type ForeignRows, foreignCount, foreignRows, foreignText } from "./foreign-rows.js";

/**
 * Looks for rows that pipectl did not write, and for values that were changed since.
 *
 * @param known the account recorded last, as far as it can be read
 * @param accept takes them as they are; the account then shows how many, for ever
 * @returns what was accepted
 * @throws PipectlError (failed) `rows_not_ours` with the number of them
 */
export function requireOurs(
  { dataset, report }: Needs<"dataset" | "report">,
  tables: { readonly bronze: Table; readonly dlq: Table },
  found: readonly Found[],
  known: Pick<Account, "hashForm" | "partitions" | "bronzeSnapshot" | "dlqSnapshot"> | undefined,
  accept: boolean,
): ForeignRows[] {
  const rows = sum(found.map(({ bronze, dlq }) => bronze + dlq));
  if (rows > 0 && found.every(({ hashes }) => hashes.bronze.rows + hashes.dlq.rows === 0))
    report({
      type: "note",
      text: `all ${count(rows)} rows are from before pipectl hashed them: they are counted, but nobody can tell whether a value was changed`,
    });
  const foreign = foreignRows(found, known);
  if (foreign.length === 0) return [];
  const number = sum(foreign.map(foreignCount));
  const message =
    (number === 0
      ? "rows that pipectl did not write are"
      : `${plural(number, "row that pipectl did not write is", "rows that pipectl did not write are")}`) +
    ` in ${dataset.tables.bronze.qualified} or ${dataset.tables.dlq.qualified}:\n  ${foreign.map(foreignText).join("\n  ")}`;
  if (!accept) throw failed("rows_not_ours", message, { hint: wayBack(tables, known) });
  report({ type: "warning", text: `${message}\naccepted; the account shows it for ever` });
  return foreign;
}

function wayBack(
  { bronze, dlq }: { readonly bronze: Table; readonly dlq: Table },
  known: Pick<Account, "bronzeSnapshot" | "dlqSnapshot"> | undefined,
): string {
  const others = [
    { kind: "bronze", table: bronze, snapshot: known?.bronzeSnapshot ?? null },
    { kind: "dlq", table: dlq, snapshot: known?.dlqSnapshot ?? null },
  ].filter(({ table, snapshot }) => !sameRows(table, snapshot));
  // One table alone would not do, and no table can be set back to before its first snapshot.
  const canGoBack = others.every(
    ({ table, snapshot }) => snapshot !== null && keepsSnapshot(table, snapshot),
  );
  const rollbacks = others.map(({ kind, snapshot }) => `pipectl rollback ${kind} --to ${snapshot}`);
  return [
    "nothing was changed; pipectl repair takes these rows out and their records again",
    ...(rollbacks.length > 0 && canGoBack
      ? [`${rollbacks.join(" and ")} sets the tables back to the account's snapshots`]
      : []),
    "--accept-foreign keeps them",
  ].join("; ");
}

/** Lines of the account with what was accepted. Pure. */
export function withForeign(
  lines: readonly PartitionAccount[],
  foreign: readonly ForeignRows[],
): PartitionAccount[] {
  return lines.map((line) => {
    const taken = lineOf(foreign, line);
    // Where only a sum differs, nobody knows how many rows: at least one.
    return taken === undefined
      ? line
      : { ...line, foreign: (line.foreign ?? 0) + Math.max(1, foreignCount(taken)) };
  });
}
