import { type Queries, query } from "../../execution/query.js";
import type { Table } from "../../iceberg/catalog.js";
import type { LandingKind } from "../../lake/definitions.js";
import { asOf, readFrom } from "../../lake/read-options.js";
import { summedRows } from "../../lake/summed-rows.js";
import type { Tables } from "../../lake/tables.js";

/**
 * The rows of both tables as readers see them. Iceberg's summaries tell, unless another engine has marked rows in delete files:
 * then they are counted.
 */
export async function totalsOf(
  workspace: Queries,
  { bronze, dlq }: Partial<Pick<Tables, LandingKind>>,
): Promise<Readonly<Record<LandingKind, number>>> {
  return { bronze: await totalOf(workspace, bronze), dlq: await totalOf(workspace, dlq) };
}

async function totalOf(workspace: Queries, table: Table | undefined): Promise<number> {
  const summed = summedRows(table?.current);
  if (table?.current === undefined || summed !== undefined) return summed ?? 0;
  const from = readFrom(table.id, asOf(table.current.id));
  const { rows } = await query(workspace, `SELECT COUNT(*) FROM ${from}`, 1);
  return Number(rows[0]?.[0] ?? 0);
}
