import { count, plural } from "../../core/format.js";
import { batchQuery } from "../../execution/batch-query.js";
import { type ReadOptions, readFrom } from "../../lake/read-options.js";
import type { Workspace } from "../../workspace/workspace.js";

/** A field of records that the manifest does not name. */
export interface UnknownField {
  readonly field: string;
  /** Rows of bronze that have it in `extra_fields`. */
  readonly rows: number;
  /** When the first of them was produced, ISO 8601; null when Kafka has no timestamp. */
  readonly since: string | null;
}

/** More than anybody reads. Records that use data as field names would produce millions. */
const most = 1_000;

/** The unknown fields of bronze, the most frequent first. */
export async function unknownFields(workspace: Workspace, read: ReadOptions): Promise<UnknownField[]> {
  const { dataset, signal } = workspace;
  const { rows } = await batchQuery(workspace, "pipectl unknown fields", async (session) => {
    await session.execute(
      "CREATE TEMPORARY FUNCTION IF NOT EXISTS pipectl_names AS 'io.pipectl.format.FieldNames'",
      signal,
    );
    return await session.query(
      `SELECT f.name, COUNT(*) AS n, DATE_FORMAT(MIN(b.kafka_timestamp), 'yyyy-MM-dd''T''HH:mm:ss''Z''')
       FROM ${readFrom(dataset.tables.bronze, read)} AS b, LATERAL TABLE(pipectl_names(b.extra_fields)) AS f(name)
       WHERE b.extra_fields IS NOT NULL GROUP BY f.name ORDER BY n DESC LIMIT ${most}`,
      most,
      signal,
    );
  });
  return rows.map(([field, n, since]) => ({
    field: String(field),
    rows: Number(n),
    since: since === null ? null : String(since),
  }));
}

/** The text to append to the detail of the recount; empty when there are none. */
export function unknownFieldsText(fields: readonly UnknownField[]): string {
  if (fields.length === 0) return "";
  const since = fields.flatMap((one) => one.since ?? []).sort()[0];
  const shown = fields.slice(0, 5).map(({ field, rows }) => `${JSON.stringify(field)} ${count(rows)}`);
  return (
    `; ${plural(fields.length, "unknown field")}${since === undefined ? "" : ` since ${since}`} ` +
    `(${shown.join(", ")}${fields.length > 5 ? ", …" : ""}): name them in the manifest, then pipectl dataset apply --backfill`
  );
}
