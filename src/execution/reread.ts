import { literal } from "../core/sql-quotes.js";
import { type BatchQueries, batchQuery } from "./batch-query.js";
import type { recordSchema } from "./record-schema.js";

/**
 * Parses the bytes of records in a table with the strict reader, and counts. The parsed record is `p` in SQL.
 *
 * @param figures SQL aggregates
 * @param table as SQL names it in a FROM clause
 * @param bytes SQL expression for a record's bytes
 * @param where which rows of the table
 */
export async function reread(
  workspace: BatchQueries,
  figures: string,
  table: string,
  bytes: string,
  { schema, notNull }: ReturnType<typeof recordSchema>,
  where = "TRUE",
): Promise<number[]> {
  const { signal } = workspace;
  const { rows } = await batchQuery(workspace, "pipectl reread", async (session) => {
    await session.execute(
      "CREATE TEMPORARY FUNCTION IF NOT EXISTS pipectl_parse AS 'io.pipectl.format.ParseRecord'",
      signal,
    );
    const parsed = `LATERAL TABLE(pipectl_parse(${bytes}, ${literal(schema)}, ${literal(notNull)})) AS p`;
    return await session.query(`SELECT ${figures} FROM ${table}, ${parsed} WHERE ${where}`, 1, signal);
  });
  return (rows[0] ?? []).map(Number);
}
