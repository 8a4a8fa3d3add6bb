import type { NewTable, Snapshot, Table, TableSchema } from "../../src/iceberg/catalog.js";
import { evolve } from "../../src/iceberg/evolve.js";
import { type Layout, newLayout } from "../../src/iceberg/layout.js";
import type { PartitionOffsets, TopicOffsets } from "../../src/kafka/offsets.js";
import { type Account, accountProperty, type PartitionAccount } from "../../src/ledger/account.js";

export const snapshot = (id: string, parentId: string | null, more: Partial<Snapshot> = {}): Snapshot => ({
  id,
  parentId,
  timestampMs: 1_700_000_000_000,
  operation: "append",
  summary: {},
  ...more,
});

/** An append of so many rows for each Kafka partition, with the summary that Iceberg writes; with totals, where the table has some. */
export const landing = (
  id: string,
  parentId: string | null,
  rows: Readonly<Record<number, number>>,
  total?: number,
): Snapshot =>
  snapshot(id, parentId, {
    summary: {
      ...(total === undefined ? {} : { "total-records": String(total) }),
      "added-records": String(Object.values(rows).reduce((sum, n) => sum + n, 0)),
      ...Object.fromEntries(
        Object.entries(rows).map(([partition, n]) => [
          `partitions.kafka_partition=${partition}`,
          `added-data-files=1,added-records=${n},added-files-size=1234`,
        ]),
      ),
    },
  });

/** A table whose main branch is at the last of the snapshots, unless `refs` says otherwise. */
export function icebergTable(snapshots: readonly Snapshot[] = [], more: Partial<Table> = {}): Table {
  const last = snapshots.at(-1);
  const schema = more.schema ?? { id: 0, fields: [], lastColumnId: 0 };
  const refs = more.refs ?? (last === undefined ? {} : { main: last.id });
  return {
    id: { namespace: "bronze", table: "raw_trips" },
    uuid: "7a5e",
    properties: {},
    schema,
    layout: layoutOf(schema),
    snapshots,
    current: snapshots.find(({ id }) => id === refs.main),
    metadataBytes: 0,
    ...more,
    refs,
  };
}

/** The schema that a catalog makes of a definition. */
export function schemaOf({ fields }: Pick<NewTable, "fields">): TableSchema {
  let lastColumnId = 0;
  const { fields: made } = evolve([], fields, () => ++lastColumnId);
  return { id: 0, fields: made, lastColumnId };
}

/** Schema and layout that a catalog makes of a definition. */
export function madeOf(definition: NewTable): Pick<Table, "schema" | "layout"> {
  const schema = schemaOf(definition);
  return { schema, layout: newLayout(definition.partitionBy, schema.fields) };
}

/** The layout that a table of taxi with these columns has been made with. */
function layoutOf({ fields }: TableSchema): Layout {
  const by = fields.find(({ name }) => name === "kafka_partition" || name === "pickup_date");
  return newLayout(by === undefined ? [] : [by.name], fields);
}

export const topicId = "be29d5c8f9824a2a973eb40623256871";

/** A topic as Kafka describes it; the one that `accountOf` names, unless told. */
export const topicOf = (
  partitions: readonly PartitionOffsets[],
  id: string | null = topicId,
): TopicOffsets => ({
  id,
  partitions,
});

/** One partition of an account: bronze has what no other term has. */
export const landedPartition = (
  partition: number,
  next: number,
  more: Partial<PartitionAccount> = {},
): PartitionAccount => {
  const terms = { incarnation: 0, first: 0, dlq: 0, withoutRecord: 0, skipped: 0, lost: 0, ...more };
  const bronze = next - terms.first - terms.dlq - terms.withoutRecord - terms.skipped - terms.lost;
  return { partition, next, bronze, ...terms };
};

export const accountOf = (more: Partial<Account> = {}): Account => ({
  version: 5,
  topic: "taxi.raw_trips",
  topicId,
  incarnation: 0,
  run: "20260101T000000-abcd",
  bronzeSnapshot: "1",
  dlqSnapshot: "2",
  partitions: [],
  ...more,
});

export const withAccount = (account: Account) => ({ [accountProperty]: JSON.stringify(account) });
