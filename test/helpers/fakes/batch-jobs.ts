import type { Dataset } from "../../../src/dataset/types.js";
import { firstDay } from "../../../src/dataset/unit.js";
import { SqlError } from "../../../src/flink/session.js";
import type { TableId } from "../../../src/iceberg/catalog.js";
import type { FakeCatalog } from "./catalog.js";
import { filled, hashOf, withHashes } from "./hashes.js";
import { branchOfTarget, datesIn, type Named, namedIn, offsetsIn, rangeIn, unitIn } from "./statements.js";
import type { FakeRecord, FakeTopic, Sent } from "./topic.js";

/** A row of any of the three tables: the record, and where it came from. */
export interface Row extends Sent {
  readonly incarnation: number;
  /** `row_hash` of bronze and dead letters; undefined where whoever wrote the row did not give one. */
  readonly hash?: string | undefined;
}

/** What fake jobs work on. */
export interface House {
  readonly dataset: Dataset;
  readonly catalog: FakeCatalog<Row>;
  readonly topic: FakeTopic;
  /** What the reader makes of a record: the manifest may have changed since it was judged first. */
  readable: (record: FakeRecord) => boolean;
  /** True for a row of a table whose file is gone. */
  unreadable: (table: string, row: Row) => boolean;
  /** What a batch job is to write to a table, and does: to lose a row, say. */
  distort: (kind: "bronze" | "dlq" | "silver", rows: readonly Row[]) => readonly Row[];
}

/** What a query reads of a table: all of it, a snapshot, or what came between two. */
export function readBy(house: House, { id, options }: Named): readonly Row[] {
  const { catalog } = house;
  const [since, until] = [options["start-snapshot-id"], options["end-snapshot-id"]];
  const rows =
    since !== undefined && until !== undefined
      ? catalog.appended(id, since, until)
      : catalog.rows(id, options["snapshot-id"]);
  if (rows.some((row) => house.unreadable(id.table, row)))
    throw new SqlError(`FileNotFoundException: File file:/${id.table}.parquet does not exist`);
  return rows;
}

/** The first time that SQL names a table. */
export function firstNamed(sql: string, id: TableId): Named {
  const [named] = namedIn(sql, id);
  if (named === undefined) throw new Error(`no ${id.table} in: ${sql}`);
  return named;
}

/** Appends rows to bronze or the dead letters, as Flink's sink does: no snapshot without a row. */
export function land(
  { catalog, dataset }: Pick<House, "catalog" | "dataset">,
  kind: "bronze" | "dlq",
  rows: readonly Row[],
  more: { readonly branch?: string | undefined; readonly summary?: Record<string, string> } = {},
): void {
  const { branch, summary = {} } = more;
  catalog.write(dataset.tables[kind], {
    ...(branch === undefined ? {} : { branch }),
    ...{ summary, partitionOf, change: (before) => [...before, ...rows] },
  });
}

const partitionOf = ({ partition }: Row) => partition;

/** The rows of a range of the topic, and the table that each goes to. */
export function parsed({ readable }: House, sent: readonly Sent[], incarnation: number) {
  const rows = sent.map((one): Row => ({ ...one, incarnation }));
  return {
    bronze: rows.filter(({ record }) => readable(record)),
    dlq: rows.filter(({ record }) => !readable(record)),
  };
}

/** The incarnation that a statement writes. */
export const epochIn = (sql: string) => Number(/extra_fields,\s+(\d+),\s+kafka_partition/.exec(sql)?.[1]);

/** 05_bronze. @param source the definition of the topic's table */
export function runBronze(house: House, source: string, sql: string): void {
  const { dataset, catalog, topic } = house;
  const ends = offsetsIn(source, "scan.bounded.specific-offsets") ?? new Map();
  const incarnation = epochIn(sql);
  const isLanded = (one: Sent) =>
    (["bronze", "dlq"] as const).some((kind) =>
      catalog
        .rows(dataset.tables[kind])
        .some(
          (row) =>
            row.incarnation === incarnation && row.partition === one.partition && row.offset === one.offset,
        ),
    );
  const repair = sql.includes("NOT EXISTS");
  const sent = [...(offsetsIn(source, "scan.startup.specific-offsets") ?? [])]
    .flatMap(([partition, start]) => topic.read(partition, start, ends.get(partition)))
    .filter((one) => !repair || !isLanded(one));
  const rows = withHashes(sql, parsed(house, sent, incarnation));
  for (const kind of ["bronze", "dlq"] as const) {
    const branch = branchOfTarget(sql, dataset.tables[kind]);
    land(house, kind, house.distort(kind, rows[kind]), { branch });
  }
}

/** 06_silver: of each key the row that comes first in the statement's order; the dates that get rows are rewritten. */
export function runSilver(house: House, sql: string): void {
  const { dataset, catalog } = house;
  const { silver, bronze } = dataset.tables;
  const dates = datesIn(sql);
  const range = rangeIn(sql);
  const merged = unitIn(sql);
  const known = catalog
    .rows(silver)
    .filter(({ record: { date } }) => dates.includes(firstDay(date, merged)))
    .map((row) => ({ ...row, incarnation: -1, partition: -1, offset: -1, timestamp: -1 }));
  const read = readBy(house, firstNamed(sql, bronze)).filter(
    ({ record: { date, filtered } }) =>
      filtered !== true && (range === undefined || (date >= range.from && date <= range.to)),
  );
  const rows = house.distort("silver", firstOfEachKey([...known, ...read], sql));
  const { transform } = dataset.silver.partitionBy;
  const partition = ({ record: { date } }: Row) => firstDay(date, transform);
  const rewritten = new Set(rows.map(partition));
  const branch = branchOfTarget(sql, silver);
  catalog.write(silver, {
    ...(branch === undefined ? {} : { branch }),
    operation: "overwrite",
    change: (before) => [...before.filter((row) => !rewritten.has(partition(row))), ...rows],
  });
}

/** As the statement orders them: by columns of where a row came from, each up or down. */
function firstOfEachKey(rows: readonly Row[], sql: string): Row[] {
  const order = /ORDER BY ([^\n]*)/.exec(sql)?.[1]?.split(", ") ?? [];
  const columns = order.map((text) => {
    const [, name = ""] = /^kafka_(\w+)/.exec(text) ?? [];
    const column = name === "incarnation" ? "incarnation" : name;
    return { name: column as keyof Omit<Row, "record" | "hash">, sign: text.endsWith(" DESC") ? -1 : 1 };
  });
  const sorted = [...rows].sort((a, b) => {
    for (const { name, sign } of columns) if (a[name] !== b[name]) return sign * (a[name] - b[name]);
    return 0;
  });
  return [...new Map(sorted.reverse().map((row) => [row.record.key, row])).values()];
}

/** 09_replay. */
export function runReplay(house: House, sql: string): void {
  const { bronze, dlq } = house.dataset.tables;
  const from = namedIn(sql, dlq).find(({ options }) => options["snapshot-id"] !== undefined);
  const rows = from === undefined ? [] : readBy(house, from);
  const { bronze: good } = withHashes(sql, {
    bronze: rows.filter(({ record }) => house.readable(record)),
    dlq: [],
  });
  const bad = rows.filter(({ record }) => !house.readable(record));
  land(house, "bronze", house.distort("bronze", good), { branch: branchOfTarget(sql, bronze) });
  land(house, "dlq", house.distort("dlq", bad), { branch: branchOfTarget(sql, dlq) });
}

/** 10_backfill. */
export function runBackfill(house: House, sql: string): void {
  const { bronze } = house.dataset.tables;
  const [, from] = namedIn(sql, bronze);
  const rows = house.distort("bronze", from === undefined ? [] : readBy(house, from));
  const branch = branchOfTarget(sql, bronze);
  house.catalog.write(bronze, {
    ...(branch === undefined ? {} : { branch }),
    ...{ operation: "overwrite", partitionOf },
    // Every row is written anew.
    change: () => rows.map((row) => refilled(row)),
  });
}

function refilled(row: Row): Row {
  const after = { ...row, record: filled(row.record) };
  return row.hash === hashOf("bronze", row) ? { ...after, hash: hashOf("bronze", after) } : after;
}

/** The job of ours that takes dates, or all rows, out of a branch. */
export function runDeleteDates({ catalog }: House, options: Readonly<Record<string, string>>): void {
  const { namespace = "", table = "", branch = "", ranges = "..9999" } = options;
  const isIn = (date: string) =>
    ranges.split(",").some((range) => {
      const [from = "", to = ""] = range.split("..");
      return date >= from && date <= to;
    });
  catalog.write(
    { namespace, table },
    {
      ...{ branch, operation: "delete" },
      change: (rows) => rows.filter(({ record: { date } }) => !isIn(date)),
    },
  );
}
