import type { Dataset } from "../dataset/types.js";

/** The names of a run's Flink jobs. Jobs are found by name. */
export const jobNames = (dataset: Dataset, run: string, mart = "") => ({
  bronze: `pipectl bronze ${dataset.name} ${run}`,
  silver: `pipectl silver ${dataset.name} ${run}`,
  streamingBronze: `pipectl streaming bronze ${dataset.name} ${run}`,
  streamingSilver: `pipectl streaming silver ${dataset.name} ${run}`,
  silverKeys: `pipectl silver keys ${dataset.name} ${run}`,
  replay: `pipectl replay ${dataset.name} ${run}`,
  backfill: `pipectl backfill ${dataset.name} ${run}`,
  mart: `pipectl mart ${dataset.name} ${run}${mart === "" ? "" : ` ${mart}`}`,
});
