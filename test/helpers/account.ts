import { expect } from "vitest";
import { readTable } from "./iceberg.js";
import { consumeAll } from "./kafka.js";

/**
 * The promise itself: what a plain consumer reads is, by partition and offset, what PyIceberg reads, each once.
 *
 * @param properties of the catalog, as for `readTable`
 */
export async function expectExactAccount(
  properties: Readonly<Record<string, string>> = {},
): Promise<{ produced: number; bronze: number; dlq: number }> {
  const positionsIn = async (table: string) =>
    (await readTable(table, ["kafka_partition", "kafka_offset"], properties)).map(
      ([partition, offset]) => `${partition}:${offset}`,
    );
  const [consumed, inBronze, inDlq] = await Promise.all([
    consumeAll("taxi.raw_trips"),
    positionsIn("bronze.raw_trips"),
    positionsIn("bronze.raw_trips_dlq"),
  ]);
  const produced = consumed.map(({ partition, offset }) => `${partition}:${offset}`);
  expect([...inBronze, ...inDlq].sort()).toEqual([...produced].sort());
  return { produced: produced.length, bronze: inBronze.length, dlq: inDlq.length };
}
