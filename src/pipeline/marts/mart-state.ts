import { createHash } from "node:crypto";
import { z } from "zod";
import { failed } from "../../core/errors.js";
import { recordCodec } from "../../core/record-codec.js";
import { underFormerName } from "../../dataset/incarnation.js";
import type { Dataset } from "../../dataset/types.js";
import { idOf, type Reads } from "../../execution/pinned-tables.js";
import type { IcebergCatalog, Table } from "../../iceberg/catalog.js";
import { layoutChanges } from "../../iceberg/layout.js";
import { sameRows } from "../../lake/lineage.js";
import { snapshotShape } from "../../lake/record-shapes.js";
import type { Mart } from "./mart.js";

/** A property of a mart's table, set in the commit that publishes its rows. */
export interface MartState {
  readonly version: 1;
  /** The mart that the table belongs to, as `dataset/mart`. */
  readonly mart: string;
  /** Undefined until it is made for the first time. */
  readonly made?: {
    /** MD5 of the query, as it was before the incarnation got its name. */
    readonly sql: string;
    readonly reads: Reads;
    /** The mart's own snapshot; null when the query returned no rows. */
    readonly snapshot: string | null;
  };
}
export const martProperty = "pipectl.mart";

const martCodec = recordCodec<MartState>(
  "the state",
  {
    1: z.looseObject({
      version: z.literal(1),
      mart: z.string(),
      made: z
        .looseObject({
          sql: z.string(),
          reads: z.record(z.string(), snapshotShape),
          snapshot: snapshotShape,
        })
        .exactOptional(),
    }),
  },
  {
    code: "mart_table_taken",
    hint: "if the table is this mart's: drop it, and pipectl process-marts makes it again; if not, name another one with `-- table: namespace.table` at the head of the file",
  },
);

/** The table property of a mart that holds this state. */
export const martIn = (state: MartState): Readonly<Record<string, string>> => ({
  [martProperty]: martCodec.encode(state),
});

export const stateOf = (dataset: Dataset, mart: Mart, made?: MartState["made"]): MartState => ({
  version: 1,
  mart: `${dataset.name}/${mart.name}`,
  ...(made === undefined ? {} : { made }),
});

export const hashOf = ({ sql }: Pick<Mart, "sql">): string =>
  createHash("md5").update(underFormerName(sql)).digest("hex");

/**
 * The recorded state of a mart's table.
 *
 * @throws PipectlError (failed) `mart_table_taken` for a table that is not this mart's, or whose owner is unknown, because all
 *   of its rows would be replaced; `state_newer`
 */
export function recordedMart(table: Table, dataset: Dataset, mart: Mart): MartState {
  const text = table.properties[martProperty];
  const state = text === undefined ? undefined : martCodec.decode(text, mart.table.qualified);
  if (state !== undefined && state.mart === stateOf(dataset, mart).mart) return state;
  const owner = state === undefined ? "no mart" : `the mart ${state.mart}`;
  throw failed(
    "mart_table_taken",
    `${mart.file}:${mart.line}: ${mart.table.qualified} exists, and is ${owner}: all of its rows would be replaced`,
    { hint: "name another one with `-- table: namespace.table` at the head of the file, or drop that table" },
  );
}

/** Why a mart has to be made; undefined when its rows are the result of its query over the current tables. */
export async function whyBehind(
  catalog: IcebergCatalog,
  table: Table,
  { made }: MartState,
  mart: Mart,
): Promise<string | undefined> {
  if (made === undefined) return "never made";
  if (made.sql !== hashOf(mart)) return "its SQL has changed";
  if (!sameRows(table, made.snapshot)) return "another program wrote to it";
  const [relaid] = layoutChanges(table, []);
  if (relaid !== undefined) return `another program changed its ${relaid.what}`;
  const reads = Object.entries(made.reads);
  const tables = await Promise.all(reads.map(([name]) => catalog.table(idOf(name))));
  const changed = reads.filter(([, snapshot], i) => {
    const read = tables[i];
    return read === undefined || !sameRows(read, snapshot);
  });
  return changed.length === 0 ? undefined : `behind ${changed.map(([name]) => name).join(" and ")}`;
}
