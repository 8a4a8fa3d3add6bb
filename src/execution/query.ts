import { askAgain, usualPatienceMs } from "../core/ask-again.js";
import { failed, usage } from "../core/errors.js";
import { formerIncarnationColumn, incarnationColumn } from "../dataset/incarnation.js";
import type { ResultColumn } from "../flink/gateway.js";
import { SqlError } from "../flink/session.js";
import { splitStatements } from "../sql/statements.js";
import type { Needs } from "../workspace/workspace.js";
import { type BatchQueries, batchQuery } from "./batch-query.js";

export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly unknown[])[];
  /** True when there are more rows than `limit`. */
  readonly truncated: boolean;
}

/** The same, with progress reported. */
export type Queries = BatchQueries & Needs<"report">;

/**
 * Runs one query as a batch job. The current catalog is `lake`, so a table is named `bronze.raw_trips`. It is run again where Flink could
 * not carry it out, because it only reads.
 *
 * @param patienceMs how long it is run again and again
 * @param functions statements that create the functions which the query names
 * @throws PipectlError (usage) `query_not_select` for anything that is not a query, `query_failed` with Flink's reason; (failed)
 *   `file_unreadable` when a data file is gone or damaged
 */
export async function query(
  workspace: Queries,
  sql: string,
  limit: number,
  patienceMs = 2 * usualPatienceMs,
  functions: readonly string[] = [],
): Promise<QueryResult> {
  const { signal, report } = workspace;
  const statements = splitStatements("query", sql);
  const [statement] = statements;
  if (statement === undefined || statements.length > 1) {
    throw usage("query_not_select", `query takes one statement, but this is ${statements.length}`);
  }
  // A statement that writes would change the tables without the account knowing.
  if (
    !/^\(*\s*(SELECT|WITH|VALUES|SHOW|DESCRIBE|DESC|EXPLAIN)\b/i.test(statement.sql) ||
    /\bINSERT\b/i.test(statement.sql.replace(/'(?:[^']|'')*'/g, ""))
  ) {
    throw usage("query_not_select", "query only reads: SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN", {
      hint: 'pipectl query "SELECT COUNT(*) FROM silver.cleaned_trips"',
    });
  }
  report({ type: "step", text: "Running the query on Flink" });
  const run = () =>
    batchQuery(workspace, "pipectl query", async (session) => {
      await session.execute("USE CATALOG lake", signal);
      for (const one of functions) await session.execute(one, signal);
      return await session.query(statement.sql, limit, signal);
    });
  try {
    return await askAgain("Flink", run, { patience: { ms: patienceMs, report }, signal });
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (isOfFile(error.reason)) {
      throw failed("file_unreadable", error.reason, {
        hint: "pipectl repair looks which files are gone or damaged, and what Kafka still has of them",
        cause: error,
      });
    }
    throw usage("query_failed", error.reason, {
      hint: namesEither(error.reason) ?? 'pipectl query "SHOW TABLES IN silver"',
      cause: error,
    });
  }
}

/** What Hadoop, Parquet, zstd and the object stores' clients say of a file that is gone or damaged. */
const isOfFile = (reason: string): boolean =>
  /\b(?:FileNotFound|NotFound|NoSuchKey|NoSuchFile|Checksum|ParquetDecoding|ParquetCrypto|ZstdIO|EOF)Exception\b|is not a Parquet file|could not (?:read|decode) page|Corrupted block|No such file/i.test(
    reason,
  );

/** Where Flink does not find the incarnation's column: it has one name now, and tables of an earlier version another. */
function namesEither(reason: string): string | undefined {
  if (![formerIncarnationColumn, incarnationColumn].some((name) => reason.includes(`'${name}'`)))
    return undefined;
  return `${formerIncarnationColumn} is called ${incarnationColumn} now; in a table of an earlier version, from its next run or pipectl dataset apply on`;
}
