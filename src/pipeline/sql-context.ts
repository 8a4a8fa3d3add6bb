import type { Config } from "../config/load.js";
import type { Dataset } from "../dataset/types.js";
import type { Inside } from "../runtime/runtime.js";
import type { Range } from "./plan.js";
import { silverColumns } from "./tables.js";

/** What a run adds to the templates' context; without it, they are rendered as `build-sql` shows them. */
export interface RunContext {
  readonly run: string;
  readonly branch?: string;
  readonly ranges?: readonly Range[];
  readonly epoch?: number;
  /** Takes only records that are in neither table. */
  readonly repair?: boolean;
  readonly silver?: SilverRead;
  /** Rendered for a batch job, whatever MODE says; silver is one in both modes. */
  readonly batch?: boolean;
}

/** Which rows silver is made from. */
export interface SilverRead {
  /** Iceberg read options of bronze: a snapshot, or what was added between two. */
  readonly readOptions: Readonly<Record<string, string>>;
  /** Dates of silver to merge the rows read with; empty for none. */
  readonly dates: readonly string[];
  /** Only rows of these dates, both included. */
  readonly range?: { readonly from: string; readonly to: string };
}

export const jobNames = (dataset: Dataset, run: string) => ({
  bronze: `pipectl bronze ${dataset.name} ${run}`,
  silver: `pipectl silver ${dataset.name} ${run}`,
  streamingBronze: `pipectl streaming bronze ${dataset.name} ${run}`,
});

/** Everything that the templates may name. Pure. */
export function sqlContext(
  config: Config,
  dataset: Dataset,
  inside: Inside,
  run: RunContext,
): Record<string, unknown> {
  const { values } = config;
  const batch = run.batch ?? values.MODE === "batch";
  const offsets = (pick: (range: Range) => number) =>
    run.ranges?.map((range) => `partition:${range.partition},offset:${pick(range)}`).join(";") ?? null;
  const dates = [...(run.silver?.dates ?? [])].sort();
  return {
    mode: values.MODE,
    batch,
    runtimeMode: batch ? "batch" : "streaming",
    checkpointInterval: `${values.CHECKPOINT_INTERVAL} ms`,
    parallelism: values.PARALLELISM,
    jobs: jobNames(dataset, run.run),
    branch: run.branch ?? null,
    epoch: run.epoch ?? 0,
    repair: run.repair ?? false,
    catalog: inside.catalog,
    source: {
      topic: dataset.topic,
      bootstrapServers: inside.kafka,
      groupId: values.CONSUMER_GROUP,
      startOffsets: offsets(({ start }) => start),
      endOffsets: offsets(({ end }) => end),
    },
    tables: dataset.tables,
    columns: dataset.columns,
    silver: {
      id: dataset.silver.id,
      columns: silverColumns(dataset),
      filters: dataset.silver.filters,
      partition: dataset.silver.partitionBy.name,
      partitionExpr: `CAST(${dataset.silver.partitionBy.expr} AS ${dataset.silver.partitionBy.type})`,
      order: silverOrder(dataset),
      readOptions: run.silver === undefined ? null : run.silver.readOptions,
      merge: dates.length > 0,
      dates,
      firstDate: dates[0] ?? null,
      lastDate: dates.at(-1) ?? null,
      range: run.silver?.range ?? null,
    },
  };
}

/**
 * Which row of a natural key wins. `identical`: the earliest, so that a row that is in silver already (epoch -1) stays.
 * `last`: the latest correction.
 */
function silverOrder(dataset: Dataset): string[] {
  return dataset.silver.wins === "last"
    ? ["kafka_epoch DESC", "kafka_timestamp DESC", "kafka_partition DESC", "kafka_offset DESC"]
    : ["kafka_epoch", "kafka_timestamp", "kafka_partition", "kafka_offset"];
}
