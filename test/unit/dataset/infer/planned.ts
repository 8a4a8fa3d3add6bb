import { Readable } from "node:stream";
import { observeInputs } from "../../../../src/dataset/infer/observe.js";
import { type Plan, planDataset } from "../../../../src/dataset/infer/plan.js";

/** What `dataset infer` makes of files, or of the text on standard input. */
export async function planned(
  input: { readonly files: readonly string[] } | string | Buffer,
  limit?: number,
  hasHeader?: boolean,
): Promise<Plan> {
  const isText = typeof input === "string" || Buffer.isBuffer(input);
  const seen = await observeInputs({
    inputs: isText ? ["-"] : input.files,
    stdin: isText ? Readable.from([Buffer.from(input as string)]) : undefined,
    limit,
    hasHeader,
    onRecords: () => {},
    signal: new AbortController().signal,
  });
  const isSample = limit !== undefined && seen.records >= limit;
  return planDataset(seen, {
    name: "x",
    from: "x.csv",
    day: "2026-11-26",
    topic: "x.raw",
    partitions: 3,
    isSample,
  });
}

/** Types by the fields' names. */
export const typesOf = (plan: Plan): Record<string, string> =>
  Object.fromEntries(plan.columns.map(({ source, type }) => [source, type]));

export const reasonOf = (plan: Plan, source: string): string | undefined =>
  plan.columns.find((column) => column.source === source)?.reason ??
  plan.leftOut.find((column) => column.source === source)?.reason;
