import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll } from "vitest";
import { openInputs } from "../../../src/dataset/inputs/open.js";
import { loadManifest } from "../../../src/dataset/manifest.js";
import type { Dataset, SourceRecord } from "../../../src/dataset/types.js";

export const root = new URL("../../../", import.meta.url).pathname;
export const taxiManifest = join(root, "datasets/taxi.yml");

/** A folder for this test file, removed after it. */
export function temporaryFolder(): (name: string, content: string | Buffer) => string {
  const folder = mkdtempSync(join(tmpdir(), "pipectl-dataset-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
}

/** A manifest with one column of every kind, no taxi in it. */
export const ordersYaml = `
name: orders
topic: shop.orders
partitions: 2
retention: 12h
tables: {bronze: bronze.orders, dlq: bronze.orders_dlq, silver: silver.orders}
columns:
  - {name: OrderID, type: INT, aliases: [order_id], silver: order_id, description: number}
  - {name: placed, type: TIMESTAMP(6), aliases: [placed_at], silver: placed_at, description: when}
  - {name: customer, type: STRING, silver: customer, description: who}
  - {name: amount, type: "DECIMAL(10,2)", required: false, silver: amount, description: how much}
  - {name: weight, type: DOUBLE, required: false, silver: false, description: kilograms}
  - {name: paid, type: BOOLEAN, required: false, silver: paid, description: whether}
  - {name: due, type: DATE, required: false, silver: due, description: until when}
  - {name: total, type: BIGINT, required: false, silver: total, description: all}
message_key: [customer, OrderID]
event_time: placed
silver:
  natural_key: [OrderID, placed]
  wins: last
  id: order_key
  filters: [amount >= 0]
  partition_by: {column: placed_date, type: DATE, expr: CAST(placed AS DATE)}
`;

export function ordersDataset(file: (name: string, content: string) => string, more = ""): Dataset {
  return loadManifest(file("orders.yml", ordersYaml + more));
}

export async function readAll(
  dataset: Dataset,
  paths: readonly string[],
  stdin?: Buffer | string | Readable,
): Promise<{ records: SourceRecord[]; unreadable: number }> {
  const stream =
    stdin instanceof Readable ? stdin : stdin === undefined ? undefined : Readable.from([Buffer.from(stdin)]);
  const inputs = await openInputs(dataset, paths, stream);
  const records: SourceRecord[] = [];
  for await (const chunk of inputs.records()) records.push(...chunk);
  await inputs.close();
  return { records, unreadable: inputs.unreadable() };
}

export const valuesOf = (records: readonly SourceRecord[]) =>
  records.map(({ value }) => value?.toString("utf8"));
export const keysOf = (records: readonly SourceRecord[]) =>
  records.map(({ key }) => key?.toString("utf8") ?? null);
