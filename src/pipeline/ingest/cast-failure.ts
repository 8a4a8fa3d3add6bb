import { failed, PipectlError } from "../../core/errors.js";
import { type Cast, castsOf, tolerant } from "../../dataset/sql-calls.js";
import type { Dataset } from "../../dataset/types.js";
import { batchQuery } from "../../execution/batch-query.js";
import { SqlError } from "../../flink/session.js";
import { type ReadOptions, readFrom } from "../../lake/read-options.js";
import { silverCondition } from "../../lake/silver-columns.js";
import type { Workspace } from "../../workspace/workspace.js";

/** A CAST of the manifest, and what it is in: a column of silver, or a filter. */
interface Suspect extends Cast {
  readonly where: string;
}

/** Every CAST that can end a job of silver: those of the manifest's expressions, and the one to the type of a computed column. */
export function suspects({ silver }: Dataset): Suspect[] {
  const computed = [silver.partitionBy, ...silver.derived];
  return [
    ...computed.flatMap(({ name, expr, type }) =>
      [...castsOf(expr), { argument: expr, type }].map((cast) => ({ ...cast, where: `${name} = ${expr}` })),
    ),
    ...silver.filters.flatMap((filter) =>
      castsOf(filter).map((cast) => ({ ...cast, where: `the filter ${filter}` })),
    ),
  ];
}

/**
 * Runs work on rows of bronze. When Flink fails in it, looks for a value that one of the manifest's CASTs cannot take: Flink only says
 * 'Overflow', or the value without its place.
 *
 * @param readOptions the rows of bronze that it works on
 * @throws PipectlError (failed) `cast_failed` with column, expression, value and place; else what the work throws
 */
export async function namingCasts<T>(
  workspace: Workspace,
  readOptions: ReadOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFlinks =
      error instanceof SqlError || (error instanceof PipectlError && error.code === "job_failed");
    if (!isFlinks || workspace.signal.aborted) throw error;
    throw (await culprit(workspace, readOptions).catch(() => undefined)) ?? error;
  }
}

async function culprit(workspace: Workspace, readOptions: ReadOptions): Promise<PipectlError | undefined> {
  const { dataset, signal } = workspace;
  const found = suspects(dataset);
  const { rows } = await batchQuery(workspace, "pipectl casts", (session) =>
    session.query(suspectsSql(dataset, found, readOptions), found.length, signal),
  );
  const [first] = [...rows].sort((a, b) => Number(a[0]) - Number(b[0]));
  const suspect = found[Number(first?.[0] ?? Number.NaN)];
  if (first === undefined || suspect === undefined) return undefined;
  const [, partition, offset, value] = first;
  return failed(
    "cast_failed",
    `silver cannot be made: ${suspect.where}: '${value}' is no ${suspect.type} (partition ${partition}, offset ${offset})`,
    {
      hint: "write TRY_CAST in the manifest, which gives NULL where a value does not fit, or a filter that keeps such rows out; nothing has changed",
    },
  );
}

/** One row for each CAST that has a value it cannot take. */
export function suspectsSql(dataset: Dataset, casts: readonly Cast[], readOptions: ReadOptions): string {
  return casts
    .map(({ argument, type }, i) => {
      const value = tolerant(argument);
      return (
        `(SELECT ${i}, kafka_partition, kafka_offset, LEFT(CAST(${value} AS STRING), 100) ` +
        `FROM ${readFrom(dataset.tables.bronze, readOptions)} ` +
        `WHERE (${tolerant(silverCondition(dataset))}) IS NOT FALSE AND (${value}) IS NOT NULL AND TRY_CAST(${value} AS ${type}) IS NULL LIMIT 1)`
      );
    })
    .join("\nUNION ALL\n");
}
