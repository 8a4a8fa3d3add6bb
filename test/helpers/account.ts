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
  const produced = (await consumeAll("taxi.raw_trips")).map(
    ({ partition, offset }) => `${partition}:${offset}`,
  );
  const inBronze = await positionsIn("bronze.raw_trips");
  const inDlq = await positionsIn("bronze.raw_trips_dlq");
  expect([...inBronze, ...inDlq].sort()).toEqual([...produced].sort());
  return { produced: produced.length, bronze: inBronze.length, dlq: inDlq.length };
}
