import type { JobState } from "../../../src/flink/rest.js";
import { SqlError } from "../../../src/flink/session.js";
import type { Workspace } from "../../../src/workspace/workspace.js";
import {
  type House,
  type Row,
  readBy,
  runBackfill,
  runBronze,
  runDeleteDates,
  runReplay,
  runSilver,
} from "./batch-jobs.js";
import { counted, hashesOf } from "./counts.js";
import type { FakeFlink } from "./flink.js";
import { hashOf } from "./hashes.js";
import { runMaintenance } from "./maintenance.js";
import { namedIn } from "./statements.js";
import { type StreamState, streamBronze, streamSilver } from "./streams.js";

export interface FakeEngine extends House {
  readonly flink: FakeFlink<StreamState>;
  readonly session: Workspace["gatewaySession"];
  /** Called when a job begins; a job that is to fail writes nothing. */
  beforeJob: (name: string) => JobState | undefined;
  /** Answers a query that the fake does not know. */
  answer: (sql: string) => unknown[][];
}

/** Flink's SQL gateway, which carries out the pipeline's own statements, and nothing else. */
export function fakeEngine(house: House, flink: FakeFlink<StreamState>): FakeEngine {
  const engine: FakeEngine = Object.assign(house, {
    flink,
    beforeJob: () => undefined,
    answer: (sql: string) => {
      throw new SqlError(`nobody has said what this gives: ${sql}`);
    },
    session: async () => {
      const settings = new Map<string, string>();
      let source = "";
      return {
        execute: async (sql: string) => {
          const [, key, value] = /^SET '([^']+)' = '([^']*)'$/.exec(sql) ?? [];
          if (key !== undefined) settings.set(key, value ?? "");
          if (sql.startsWith("CREATE TEMPORARY TABLE source_records")) source = sql;
          if (/^(EXECUTE STATEMENT SET|INSERT)/.test(sql)) await submit(engine, settings, source, sql);
        },
        query: async (sql: string) => ({ columns: [], rows: rowsOf(engine, sql), truncated: false }),
        eachRow: async (sql: string, onRow: (row: unknown[]) => void) => rowsOf(engine, sql).forEach(onRow),
        close: async () => {},
      };
    },
  } satisfies Omit<FakeEngine, keyof House>);
  flink.onJar = (mainClass, options) => {
    if (mainClass.endsWith(".Maintenance")) return { result: runMaintenance(engine, options.work ?? "[]") };
    runDeleteDates(engine, options);
    return {};
  };
  return engine;
}

async function submit(
  engine: FakeEngine,
  settings: ReadonlyMap<string, string>,
  source: string,
  sql: string,
): Promise<void> {
  const name = settings.get("pipeline.name") ?? "";
  const [, kind = ""] = /^pipectl (streaming bronze|streaming silver|silver keys|\w+) /.exec(name) ?? [];
  const state = engine.beforeJob(name);
  const id = settings.get("$internal.pipeline.job-id");
  if (id === undefined) {
    if (state !== "FAILED") batchJobs[kind]?.(engine, source, sql);
    return engine.flink.ended(name, state);
  }
  const path = settings.get("execution.state-recovery.path");
  const kept = path === undefined ? undefined : engine.flink.states.get(path);
  if (path !== undefined && kept === undefined)
    throw new SqlError(`cannot find checkpoint or savepoint ${path}`);
  const checkpoint = Number(/chk-(\d+)/.exec(path ?? "")?.[1] ?? 0);
  const restored = kept === undefined ? undefined : { state: kept, checkpoint };
  const begun = { job: id, sql, source, keysOnly: kind === "silver keys", restored };
  const work = kind === "streaming bronze" ? streamBronze(engine, begun) : streamSilver(engine, begun);
  engine.flink.runs(id, name, await work, path);
}

const batchJobs: Readonly<Record<string, (engine: FakeEngine, source: string, sql: string) => void>> = {
  bronze: runBronze,
  silver: (engine, _source, sql) => runSilver(engine, sql),
  replay: (engine, _source, sql) => runReplay(engine, sql),
  backfill: (engine, _source, sql) => runBackfill(engine, sql),
};

/** The queries of ledger and ingest; any other one is the test's to answer. */
function rowsOf(engine: FakeEngine, sql: string): unknown[][] {
  const { bronze, dlq } = engine.dataset.tables;
  if (sql.startsWith("SELECT DISTINCT CAST(CAST(")) {
    const passing = read(engine, sql, bronze).filter(({ record }) => record.filtered !== true);
    return [...new Set(passing.map(({ record }) => record.date))].map((date) => [date]);
  }
  if (sql.includes("kafka_offset, SUM(good), SUM(1 - good)")) return places(sql, bothOf(engine, sql));
  if (sql.includes("SUM(good), SUM(1 - good)"))
    return counted(sql, { bronze: read(engine, sql, bronze), dlq: read(engine, sql, dlq) });
  if (sql.startsWith("SELECT kafka_partition, kind, COUNT(*), COUNT(row_hash)"))
    return hashesOf({ bronze: read(engine, sql, bronze), dlq: read(engine, sql, dlq) });
  if (sql.includes("WHERE row_hash <> "))
    return (["bronze", "dlq"] as const).flatMap((kind) =>
      read(engine, sql, engine.dataset.tables[kind])
        .filter((row) => row.hash !== hashOf(kind, row))
        .map(({ incarnation, partition, offset }) => [incarnation, partition, offset]),
    );
  if (sql.includes("pipectl_parse(d.raw_value")) {
    const rows = read(engine, sql, dlq);
    return [[rows.length, rows.filter(({ record }) => engine.readable(record)).length]];
  }
  if (sql.includes("pipectl_parse(CAST(d.extra_fields")) {
    const rows = read(engine, sql, bronze).filter(({ record }) => record.extra !== undefined);
    return [[rows.length, 0]];
  }
  return engine.answer(sql);
}

const read = (engine: FakeEngine, sql: string, id: Parameters<typeof namedIn>[1]): Row[] =>
  namedIn(sql, id).flatMap((named) => readBy(engine, named));

function bothOf(engine: FakeEngine, sql: string) {
  const { bronze, dlq } = engine.dataset.tables;
  return [
    ...read(engine, sql, bronze).map((row) => ({ ...row, good: true })),
    ...read(engine, sql, dlq).map((row) => ({ ...row, good: false })),
  ];
}

/** Places with more than one row, or outside of the ranges that are named, with the rows of each table. */
function places(sql: string, rows: readonly (Row & { readonly good: boolean })[]): number[][] {
  const rooms = [
    ...sql.matchAll(
      /kafka_incarnation = (\d+) AND kafka_partition = (\d+) AND NOT kafka_offset BETWEEN (\d+) AND (-?\d+)/g,
    ),
  ].map((found) => found.slice(1).map(Number));
  const isOutside = (row: Row) =>
    rooms.some(
      ([incarnation, partition, first = 0, last = 0]) =>
        row.incarnation === incarnation &&
        row.partition === partition &&
        (row.offset < first || row.offset > last),
    );
  const groups = new Map<string, number[]>();
  for (const row of rows.filter((one) => rooms.length === 0 || isOutside(one))) {
    const at = `${row.incarnation}/${row.partition}/${row.offset}`;
    const [, , , good = 0, bad = 0] = groups.get(at) ?? [];
    const [more, less] = row.good ? [1, 0] : [0, 1];
    groups.set(at, [row.incarnation, row.partition, row.offset, good + more, bad + less]);
  }
  const found = [...groups.values()];
  return sql.includes("HAVING COUNT(*) > 1") ? found.filter(([, , , g = 0, b = 0]) => g + b > 1) : found;
}
