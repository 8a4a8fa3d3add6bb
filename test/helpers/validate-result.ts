import type { PartitionLine, Stage, ValidateResult } from "../../src/pipeline/validate/result.js";

/** A stage, a line of the account and a result, as `validate` may return them. */
export const stage = (more: Partial<Stage> = {}): Stage => ({
  stage: 2,
  name: "Flink job state",
  status: "pass",
  detail: "2 FINISHED, 0 restarts",
  ...more,
});
export const partition = (more: Partial<PartitionLine> = {}): PartitionLine => ({
  incarnation: 0,
  partition: 0,
  first: 0,
  next: 1_000,
  end: 1_000,
  produced: 1_000,
  bronze: 990,
  dlq: 10,
  notLanded: 0,
  withoutRecord: 0,
  skipped: 0,
  lost: 0,
  unaccounted: 0,
  ...more,
});
export const result = (more: Partial<ValidateResult> = {}): ValidateResult => ({
  status: "pass",
  mode: "batch",
  stages: [stage()],
  counts: null,
  partitions: [],
  ...more,
});
