import { sum } from "../core/sum.js";
import { type ColumnType, parseColumnType } from "../dataset/column-type.js";
import { type Unit, units } from "../dataset/unit.js";
import type { Table } from "../iceberg/catalog.js";
import type { SilverColumn } from "./silver-columns.js";

/**
 * The coarsest unit of time by which silver's files are partitioned. Only whole units can be replaced: a file of a month cannot lose a
 * day by metadata alone.
 *
 * @param allOf the spec that all of its files were written by, where that is known
 * @returns undefined when files may be partitioned otherwise, so that only all of silver can be replaced
 */
export function unitOf(
  { layout, schema }: Pick<Table, "layout" | "schema">,
  column: string,
  allOf?: number,
): Unit | undefined {
  const id = schema.fields.find(({ name }) => name === column)?.id;
  const specs = layout.specs.filter((spec) => allOf !== layout.specId || spec.id === allOf);
  const found = specs.map(({ fields }) => {
    const transforms = fields.filter(({ sourceId }) => sourceId === id).map(({ transform }) => transform);
    if (transforms.includes("identity")) return 0;
    return Math.max(...transforms.map((transform) => units.indexOf(transform as Unit)), -1);
  });
  return found.includes(-1) ? undefined : units[Math.max(0, ...found)];
}

/** Heap of one open Parquet file and of each of its columns, measured with Iceberg 1.11: most of it is a page for the codec. */
const fileBytes = 1.1 * 1024 * 1024;
const columnBytes = 20 * 1024;

/**
 * How many partitions one job may write at once. Flink's Iceberg sink keeps a file of each open until it ends; half of the heap is
 * left to the rest of the job.
 */
export function partitionsAtOnce(columns: readonly SilverColumn[], heapMb: number): number {
  const leaves = sum(columns.map(({ type }) => leavesOf(parseColumnType(type))));
  return Math.max(1, Math.floor((heapMb * 1024 * 1024) / 2 / (fileBytes + leaves * columnBytes)));
}

function leavesOf(type: ColumnType | undefined): number {
  if (type?.fields !== undefined) return sum(type.fields.map((one) => leavesOf(one.type)));
  return type?.element === undefined ? 1 : leavesOf(type.element) + (type.kind === "map" ? 1 : 0);
}
