import { type Queries, query } from "../execution/query.js";
import type { LandingKind } from "../lake/definitions.js";
import type { Tables } from "../lake/tables.js";
import { type Read, rowsOfBoth } from "./count-rows.js";
import type { Room } from "./rooms.js";

/** A place of the topic, and how many rows have it. */
export interface Position {
  readonly incarnation: number;
  readonly partition: number;
  readonly offset: number;
  readonly bronze: number;
  readonly dlq: number;
}

/** More than this at once would be too much for a job's arguments. */
export const mostPositions = 100_000;

type Both = Partial<Pick<Tables, LandingKind>>;

/** Places that more than one row has, over both tables; `more` when there are further ones. */
export async function doubledPositions(workspace: Queries, tables: Both, read: Read) {
  return await positions(workspace, tables, read, "TRUE", " HAVING COUNT(*) > 1");
}

/** Places of rows that lie outside of these rooms, in the partitions of the rooms. */
export async function positionsOutside(workspace: Queries, tables: Both, read: Read, rooms: readonly Room[]) {
  const outside = rooms.map(
    ({ incarnation, partition, first, end }) =>
      `(kafka_incarnation = ${incarnation} AND kafka_partition = ${partition} AND NOT kafka_offset BETWEEN ${first} AND ${end - 1})`,
  );
  return await positions(workspace, tables, read, outside.join(" OR "), "");
}

async function positions(
  workspace: Queries,
  tables: Both,
  read: Read,
  where: string,
  having: string,
): Promise<{ readonly found: readonly Position[]; readonly more: boolean }> {
  const { rows, truncated } = await query(
    workspace,
    `SELECT kafka_incarnation, kafka_partition, kafka_offset, SUM(good), SUM(1 - good)
     FROM (${rowsOfBoth(workspace, tables, read)}) WHERE ${where}
     GROUP BY kafka_incarnation, kafka_partition, kafka_offset${having}`,
    mostPositions,
  );
  const found = rows.map((row): Position => {
    const [incarnation = 0, partition = 0, offset = 0, bronze = 0, dlq = 0] = row.map(Number);
    return { incarnation, partition, offset, bronze, dlq };
  });
  return { found, more: truncated };
}

/** As our own job takes them: `incarnation/partition/first-last`, neighbours in one. Pure. */
export function rangesOf(positions: readonly Omit<Position, LandingKind>[]): string {
  const sorted = [...positions].sort(
    (a, b) => a.incarnation - b.incarnation || a.partition - b.partition || a.offset - b.offset,
  );
  const ranges: { incarnation: number; partition: number; first: number; last: number }[] = [];
  for (const { incarnation, partition, offset } of sorted) {
    const last = ranges.at(-1);
    const continues =
      last?.incarnation === incarnation && last.partition === partition && offset <= last.last + 1;
    if (last !== undefined && continues) last.last = offset;
    else ranges.push({ incarnation, partition, first: offset, last: offset });
  }
  return ranges.map((one) => `${one.incarnation}/${one.partition}/${one.first}-${one.last}`).join(",");
}
