import { type Queries, query } from "../execution/query.js";
import { type LandingKind, landingKinds } from "../lake/definitions.js";
import { readFrom } from "../lake/read-options.js";
import { bronzeHash, deadLetterHash, hashFunctions, hasRowHash } from "../lake/row-hash.js";
import type { Tables } from "../lake/tables.js";
import type { Read } from "./count-rows.js";
import { mostPositions, type Position } from "./positions.js";

/**
 * Places of rows whose hash does not fit their values, or that have none.
 *
 * @param unhashed false where rows may be older than the first hash
 */
export async function foreignPositions(
  workspace: Queries,
  tables: Pick<Tables, LandingKind>,
  read: Read,
  unhashed: boolean,
): Promise<{ readonly found: readonly Position[]; readonly more: boolean }> {
  const { dataset } = workspace;
  const found: Position[] = [];
  let more = false;
  for (const kind of landingKinds) {
    const table = tables[kind];
    const options = read[kind];
    if (options === undefined || !hasRowHash(table)) continue;
    const made = kind === "bronze" ? bronzeHash(dataset, table) : deadLetterHash;
    const { rows, truncated } = await query(
      workspace,
      `SELECT kafka_incarnation, kafka_partition, kafka_offset FROM ${readFrom(table.id, options)}
       WHERE row_hash <> ${made}${unhashed ? " OR row_hash IS NULL" : ""}`,
      mostPositions,
      undefined,
      hashFunctions,
    );
    more ||= truncated;
    for (const row of rows) {
      const [incarnation = 0, partition = 0, offset = 0] = row.map(Number);
      const [bronze, dlq] = kind === "bronze" ? [1, 0] : [0, 1];
      found.push({ incarnation, partition, offset, bronze, dlq });
    }
  }
  return { found, more };
}
