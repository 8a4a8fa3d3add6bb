import type { Config } from "../config/load.js";
import { quoted } from "../core/sql-quotes.js";
import type { Dataset, TableName } from "../dataset/types.js";
import { lastDay, type Unit } from "../dataset/unit.js";
import type { Range } from "../lake/ranges.js";
import { asOf, followFrom, type ReadOptions } from "../lake/read-options.js";
import { hashFunctions } from "../lake/row-hash.js";
import { silverColumns } from "../lake/silver-columns.js";
import type { Inside } from "../runtime/runtime.js";
import { inlineCompaction } from "./inline-compaction.js";
import { jobNames } from "./job-names.js";
import { pinnedTables, type Reads } from "./pinned-tables.js";
import { recordSchema } from "./record-schema.js";

/** What a run adds to the templates' context. Without it the templates are rendered as `build-sql` shows them. */
export interface RunContext {
  readonly run: string;
  readonly branch?: string;
  readonly ranges?: readonly Range[];
  readonly incarnation?: number;
  /** Takes only records that are in neither table. */
  readonly repair?: boolean;
  readonly silver?: SilverRead;
  readonly silverStream?: SilverStreamRead;
  /** The snapshot of the dead letters that are read again. */
  readonly replayFrom?: string;
  /** The snapshot of bronze that is rewritten. */
  readonly backfillFrom?: string;
  /** The mart that is made. */
  readonly mart?: MartRead;
  /** Renders for a batch job, whatever MODE says. Silver is made by a batch job in both modes. */
  readonly batch?: boolean;
}

/** Which rows silver is made from. */
export interface SilverRead {
  /** Iceberg read options of bronze: a snapshot, or what was added between two. */
  readonly readOptions: ReadOptions;
  /** First days of the units of silver whose rows are merged with the rows read; empty for none. */
  readonly dates: readonly string[];
  readonly unit: Unit;
  /** Behind the job's name, where several jobs write silver. */
  readonly part?: string;
  /** Only rows of these dates, both included. */
  readonly range?: { readonly from: string; readonly to: string };
}

/** What a job of continuous silver reads. */
export interface SilverStreamRead {
  /** True for the first of the two jobs, which learns silver's keys and reads no new rows of bronze. */
  readonly keysOnly: boolean;
  /** The bronze snapshot to begin with, itself included; null for all that is ever written to an empty table. */
  readonly from: string | null;
  /** The silver snapshot whose keys are known; null for an empty table. */
  readonly known: string | null;
}

/** A mart's query, and the tables that it reads. */
export interface MartRead {
  readonly name: string;
  readonly table: TableName;
  readonly sql: string;
  /** Undefined where they are not known yet. */
  readonly reads?: Reads;
}

/** Everything that the templates may name. Pure. */
export function sqlContext(
  config: Config,
  dataset: Dataset,
  inside: Inside,
  run: RunContext,
): Record<string, unknown> {
  const { values } = config;
  const batch = run.batch ?? values.MODE === "batch";
  const compacts = !batch && values.MAINTENANCE === "inline";
  const offsets = (pick: (range: Range) => number) =>
    run.ranges?.map((range) => `partition:${range.partition},offset:${pick(range)}`).join(";") ?? null;
  const names = jobNames(dataset, run.run);
  const { keysOnly = false, from = null, known = null } = run.silverStream ?? {};
  const { schema, notNull } = recordSchema(dataset);
  const dates = [...(run.silver?.dates ?? [])].sort();
  return {
    mode: values.MODE,
    batch,
    runtimeMode: batch ? "batch" : "streaming",
    checkpointDir: inside.checkpointDir ?? null,
    checkpointInterval: `${values.CHECKPOINT_INTERVAL} ms`,
    parallelism: values.PARALLELISM,
    jobs: { ...names, silver: names.silver + (run.silver?.part ?? "") },
    branch: run.branch ?? null,
    landing: { compacts, options: compacts ? inlineCompaction : onBranch(run) },
    incarnation: run.incarnation ?? 0,
    repair: run.repair ?? false,
    catalog: inside.catalog,
    source: {
      topic: dataset.topic,
      bootstrapServers: inside.kafka,
      properties: inside.kafkaProperties,
      groupId: values.CONSUMER_GROUP,
      startOffsets: offsets(({ start }) => start),
      endOffsets: offsets(({ end }) => end),
    },
    tables: dataset.tables,
    columns: dataset.columns,
    hashFunctions,
    notNull: notNull === "[]" ? null : notNull,
    replay: { schema, notNull, readOptions: run.replayFrom === undefined ? null : asOf(run.replayFrom) },
    backfill: { readOptions: run.backfillFrom === undefined ? null : asOf(run.backfillFrom) },
    mart: run.mart === undefined ? null : martContext(dataset, run.run, run.mart),
    silver: {
      id: dataset.silver.id,
      columns: silverColumns(dataset).map((column) => ({
        ...column,
        key: column.name === dataset.silver.id,
      })),
      filters: dataset.silver.filters,
      partition: dataset.silver.partitionBy.name,
      partitionExpr: `CAST(${dataset.silver.partitionBy.expr} AS ${dataset.silver.partitionBy.type})`,
      order: silverOrder(dataset),
      readOptions: run.silver === undefined ? null : run.silver.readOptions,
      merge: dates.length > 0,
      dates,
      firstDate: dates[0] ?? null,
      lastDate: lastOf(dates, run.silver?.unit ?? "day"),
      unit: unitSql(dataset.silver.partitionBy.name, run.silver?.unit ?? "day"),
      range: run.silver?.range ?? null,
      stream: {
        jobName: keysOnly ? names.silverKeys : names.streamingSilver,
        keysOnly,
        keysOptions: known === null ? null : asOf(known),
        // The first look of such a source only finds where to begin. For the keys-only job the second look never comes.
        readOptions: followFrom(from, keysOnly ? "365 d" : "1 s"),
      },
    },
  };
}

const lastOf = (dates: readonly string[], unit: Unit) => {
  const last = dates.at(-1);
  return last === undefined ? null : lastDay(last, unit);
};

/** The first day of the unit that a row of silver is in. */
const unitSql = (column: string, unit: Unit) =>
  unit === "day" ? quoted(column) : `FLOOR(${quoted(column)} TO ${unit.toUpperCase()})`;

function martContext(dataset: Dataset, run: string, { name, table, sql, reads }: MartRead) {
  // One session may make several marts.
  const catalog = `pipectl_mart_${name}`;
  const pins = reads === undefined ? null : pinnedTables(catalog, reads);
  const view = `pipectl_mart_${name}`;
  return { catalog, pins, view, table, sql, jobName: jobNames(dataset, run, name).mart };
}

const onBranch = ({ branch }: RunContext) => (branch === undefined ? null : { branch });

/**
 * Which row of a natural key wins. `identical`: the earliest, so that a row that is in silver already (incarnation -1) stays.
 * `last`: the latest correction.
 */
function silverOrder(dataset: Dataset): string[] {
  return dataset.silver.wins === "last"
    ? ["kafka_incarnation DESC", "kafka_timestamp DESC", "kafka_partition DESC", "kafka_offset DESC"]
    : ["kafka_incarnation", "kafka_timestamp", "kafka_partition", "kafka_offset"];
}
