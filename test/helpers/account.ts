import { expect } from "vitest";
import { readTable } from "./iceberg.js";
import { consumeAll } from "./kafka.js";

/**
 * The promise itself: what a plain consumer reads is, by partition and offset, what PyIceberg reads, each once.
 *
 * @param properties of the catalog, as for `readTable`
 * @param broker that of the tests' stack unless told
 * @param dataset names of its topic and tables
 */
export async function expectExactAccount(
  properties: Readonly<Record<string, string>> = {},
  broker?: string,
  dataset: { readonly topic: string; readonly bronze: string; readonly dlq: string } = {
    ...{ topic: "taxi.raw_trips", bronze: "bronze.raw_trips", dlq: "bronze.raw_trips_dlq" },
  },
): Promise<{ produced: number; bronze: number; dlq: number }> {
  const positionsIn = async (table: string) =>
    (await readTable(table, ["kafka_partition", "kafka_offset"], properties)).map(([partition, offset]) => ({
      partition: Number(partition),
      offset: Number(offset),
    }));
  const [consumed, inBronze, inDlq] = await Promise.all([
    consumeAll(dataset.topic, true, broker),
    positionsIn(dataset.bronze),
    positionsIn(dataset.dlq),
  ]);
  expect(differences(consumed, [...inBronze, ...inDlq])).toEqual({ missing: [], twice: [], foreign: [] });
  return { produced: consumed.length, bronze: inBronze.length, dlq: inDlq.length };
}

interface Position {
  readonly partition: number;
  readonly offset: number;
}

/** The first few positions of each kind that should not be: of millions nobody could read all. */
function differences(produced: readonly Position[], landed: readonly Position[]) {
  const name = ({ partition, offset }: Position) => `${partition}:${offset}`;
  const expected = new Set(produced.map(name));
  const found = new Set<string>();
  const [twice, foreign]: [string[], string[]] = [[], []];
  for (const position of landed.map(name)) {
    if (found.has(position)) twice.push(position);
    else if (!expected.has(position)) foreign.push(position);
    found.add(position);
  }
  const missing = [...expected].filter((position) => !found.has(position));
  return { missing: missing.slice(0, 10), twice: twice.slice(0, 10), foreign: foreign.slice(0, 10) };
}
