import { failed } from "../../../src/core/errors.js";
import type { IcebergCatalog, Snapshot, Table, TableChange, TableId } from "../../../src/iceberg/catalog.js";
import { formatVersion, type Layout, partitionFields } from "../../../src/iceberg/layout.js";
import { madeOf } from "../tables.js";

/** What an engine commits to a table. */
export interface Write<Row> {
  /** `main` unless told. */
  readonly branch?: string;
  /** As Iceberg names it: `append` unless told. */
  readonly operation?: "append" | "overwrite" | "delete" | "replace";
  /** What the table holds afterwards, made of what it holds. */
  readonly change: (rows: readonly Row[]) => readonly Row[];
  /** The Kafka partition of a row, where the table is partitioned by it. */
  readonly partitionOf?: (row: Row) => number;
  readonly summary?: Readonly<Record<string, string>>;
}

export interface FakeCatalog<Row> extends IcebergCatalog {
  /** Called before a commit is looked at: a rival may commit in it, and what it throws is the catalog's answer. */
  beforeCommit: (change: Pick<TableChange, "id"> & Partial<TableChange>) => void;
  /** Called when a commit has been made: what it throws is an answer that was lost. */
  afterCommit: (change: TableChange) => void;
  /** Writes as an engine does, and returns the snapshot's id; undefined where nothing changes: an engine commits nothing then. */
  write(id: TableId, write: Write<Row>): string | undefined;
  /** Partitions the table by something else, as another engine does. */
  repartition(id: TableId, ...by: string[]): void;
  /** Moves the table's branch as another tool does, without a word to the account. */
  setMain(id: TableId, snapshot: string): void;
  /** Forgets snapshots as another tool's expiry does. */
  expire(id: TableId, ...snapshots: string[]): void;
  /** Takes properties away, as a tool does that makes a table anew. */
  forget(id: TableId, ...properties: string[]): void;
  /** What readers see, or what a snapshot holds. */
  rows(id: TableId, snapshot?: string): readonly Row[];
  /** The snapshot that readers see. */
  head(id: TableId): string | undefined;
  /** The rows that the appends between two snapshots brought, the first excluded, as an incremental read has them. */
  appended(id: TableId, since: string | null, until: string): Row[];
}

/** An Iceberg catalog in memory, with tables whose snapshots hold rows. Commits are conditional, as those of a real one. */
export function fakeCatalog<Row>(): FakeCatalog<Row> {
  const tables = new Map<string, Table>();
  const contents = new Map<string, readonly Row[]>();
  let last = 0;
  let now = 0;

  const get = ({ namespace, table }: TableId): Table | undefined => tables.get(`${namespace}.${table}`);
  const put = (table: Table) => {
    const current = table.snapshots.find(({ id }) => id === table.refs.main);
    tables.set(nameOf(table.id), { ...table, current });
  };
  const need = (id: TableId): Table => {
    const table = get(id);
    if (table === undefined) throw failed("catalog_error", `there is no table ${nameOf(id)}`);
    return table;
  };
  const rowsAt = (snapshot: string | undefined) =>
    snapshot === undefined ? [] : (contents.get(snapshot) ?? []);
  const tick = () => {
    now = Math.max(now + 1, Date.now());
    return now;
  };

  const fake: FakeCatalog<Row> = {
    url: "http://catalog.test:8181",
    ping: async () => {},
    table: async (id) => get(id),
    createTable: async (id, table) => {
      if (get(id) !== undefined) return false;
      const made = { id, uuid: `uuid-${nameOf(id)}`, properties: table.properties, snapshots: [], refs: {} };
      put({ ...made, ...madeOf(table), current: undefined, metadataBytes: 0 });
      return true;
    },
    commit: async (change) => {
      fake.beforeCommit(change);
      const table = need(change.id);
      for (const [ref, snapshot] of Object.entries(change.assertRefs)) {
        if ((table.refs[ref] ?? null) === snapshot) continue;
        throw failed(
          "commit_conflict",
          `committing to ${nameOf(change.id)}: branch ${ref} is at ${table.refs[ref] ?? "none"}, not ${snapshot}`,
        );
      }
      const refs: Record<string, string> = { ...table.refs, ...change.setRefs };
      for (const [ref, snapshot] of Object.entries(refs))
        if (!table.snapshots.some(({ id }) => id === snapshot))
          throw failed("catalog_error", `${ref}: ${nameOf(change.id)} has no snapshot ${snapshot}`);
      for (const ref of change.removeRefs ?? []) delete refs[ref];
      put({ ...table, refs, properties: { ...table.properties, ...change.setProperties } });
      fake.afterCommit(change);
    },
    alter: async ({
      table: { id, schema: from, layout },
      fields,
      lastColumnId,
      partitionBy,
      setProperties,
    }) => {
      fake.beforeCommit({ id, setProperties });
      const table = need(id);
      if (table.schema.id !== from.id || table.schema.lastColumnId !== from.lastColumnId)
        throw failed("commit_conflict", `${nameOf(id)} has other columns`);
      if (table.layout.specId !== layout.specId)
        throw failed("commit_conflict", `${nameOf(id)} has another spec`);
      const schema = { id: from.id + 1, fields, lastColumnId };
      const relaid = partitionBy === undefined ? layout : withPartitions({ layout, schema }, partitionBy);
      put({ ...table, schema, layout: relaid, properties: { ...table.properties, ...setProperties } });
    },
    dropTable: async (id) => void tables.delete(nameOf(id)),
    dropNamespace: async () => {},

    beforeCommit: () => {},
    afterCommit: () => {},
    write: (id, { branch = "main", operation = "append", change, partitionOf, summary = {} }) => {
      const table = need(id);
      const parentId = table.refs[branch] ?? table.refs.main ?? null;
      const before = rowsAt(parentId ?? undefined);
      const after = change(before);
      const [added, deleted] = [without(after, before), without(before, after)];
      if (operation !== "replace" && added.length + deleted.length === 0) return undefined;
      // A sink that makes its branch itself begins the totals at 0.
      const base = table.refs[branch] === undefined ? undefined : of(table, parentId);
      const total = Number(base?.summary["total-records"] ?? 0) + added.length - deleted.length;
      last += 1;
      const made: Snapshot = {
        ...{ id: String(last), parentId, timestampMs: tick(), operation },
        summary: {
          ...(added.length === 0 ? {} : { "added-records": String(added.length) }),
          ...(deleted.length === 0 ? {} : { "deleted-records": String(deleted.length) }),
          "total-records": String(total),
          ...byPartition(added, partitionOf),
          ...summary,
        },
      };
      contents.set(made.id, after);
      put({ ...table, snapshots: [...table.snapshots, made], refs: { ...table.refs, [branch]: made.id } });
      return made.id;
    },
    repartition: (id, ...by) => {
      const table = need(id);
      put({ ...table, layout: withPartitions(table, by) });
    },
    setMain: (id, snapshot) => {
      const table = need(id);
      put({ ...table, refs: { ...table.refs, main: snapshot } });
    },
    expire: (id, ...gone) => {
      const table = need(id);
      put({ ...table, snapshots: table.snapshots.filter((one) => !gone.includes(one.id)) });
    },
    forget: (id, ...names) => {
      const table = need(id);
      const kept = Object.entries(table.properties).filter(([name]) => !names.includes(name));
      put({ ...table, properties: Object.fromEntries(kept) });
    },
    head: (id) => get(id)?.refs.main,
    rows: (id, snapshot) => rowsAt(snapshot ?? get(id)?.refs.main),
    appended: (id, since, until) => {
      const table = need(id);
      const brought: Row[][] = [];
      for (let at = of(table, until); at !== undefined && at.id !== since; at = of(table, at.parentId))
        if (at.operation === "append")
          brought.unshift(without(rowsAt(at.id), rowsAt(at.parentId ?? undefined)));
      return brought.flat();
    },
  };
  return fake;
}

const nameOf = ({ namespace, table }: TableId) => `${namespace}.${table}`;
const of = ({ snapshots }: Table, snapshot: string | null) => snapshots.find(({ id }) => id === snapshot);

/** The layout of a new table; a spec that the table had before keeps its id. */
export function withPartitions(
  { layout, schema }: Pick<Table, "layout" | "schema">,
  by: readonly string[],
): Layout {
  const fields = partitionFields(by, schema.fields, layout);
  const same = layout.specs.find((spec) => JSON.stringify(spec.fields) === JSON.stringify(fields));
  const spec = same ?? { id: layout.specs.length, fields };
  return {
    ...layout,
    ...{ specId: spec.id, specs: same === undefined ? [...layout.specs, spec] : layout.specs },
    lastPartitionId: Math.max(layout.lastPartitionId, ...fields.map(({ fieldId }) => fieldId)),
    ...{ sortedBy: [], identifiers: [], formatVersion },
  };
}

/** The rows of one list that another has not; a row is one object, however equal two of them look. */
function without<Row>(rows: readonly Row[], others: readonly Row[]): Row[] {
  const known = new Set(others);
  return rows.filter((row) => !known.has(row));
}

function byPartition<Row>(rows: readonly Row[], partitionOf?: (row: Row) => number): Record<string, string> {
  const counts = new Map<number, number>();
  if (partitionOf !== undefined)
    for (const row of rows) counts.set(partitionOf(row), (counts.get(partitionOf(row)) ?? 0) + 1);
  return Object.fromEntries(
    [...counts].map(([partition, n]) => [
      `partitions.kafka_partition=${partition}`,
      `added-data-files=1,added-records=${n},added-files-size=1234`,
    ]),
  );
}
