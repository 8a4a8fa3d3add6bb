import { describe, expect, it } from "vitest";
import { query } from "../../../src/execution/query.js";
import { freePorts } from "../../helpers/ports.js";
import { problemOf } from "../../helpers/problem.js";
import { fakeServer } from "../../helpers/server.js";
import { inside, workspaceOf } from "../../helpers/workspace.js";

/** Runs it where no gateway listens: a query that is let through ends there. */
async function outcome(sql: string): Promise<string> {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const endpoints = { kafka: "127.0.0.1:1", flink: url, gateway: url, catalog: url, warehouse: "file:///w" };
  const runtime = { endpoints, inside, gateway: async () => ({ url }) };
  return (await problemOf(() => query(workspaceOf({ runtime }), sql, 10))).code;
}

describe("query", () => {
  it.each([
    "SELECT 1",
    "  -- a comment\n select * from silver.cleaned_trips;",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "(SELECT 1) UNION (SELECT 2)",
    "VALUES (1)",
    "SHOW TABLES IN silver",
    "DESCRIBE silver.cleaned_trips",
    "EXPLAIN SELECT 1",
    "SELECT 'INSERT INTO t; it''s'",
  ])("lets %s through", async (sql) => {
    expect(await outcome(sql)).toBe("http_unreachable");
  });

  it.each([
    "",
    ";",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE t",
    "INSERT INTO t SELECT 1",
    "insert overwrite t values (1)",
    "EXPLAIN ANALYZE INSERT INTO t SELECT 1",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "DROP TABLE lake.bronze.raw_trips",
    "DELETE FROM t",
    "UPDATE t SET a = 1",
    "ALTER TABLE t DROP a",
    "CREATE TABLE t (a INT)",
    "TRUNCATE TABLE t",
    "CALL lake.system.rollback()",
    "SET 'a' = 'b'",
    "SELECTED",
  ])("refuses '%s'", async (sql) => {
    expect(await outcome(sql)).toBe("query_not_select");
  });
});

/** Runs it where Flink fails it with this stack trace. */
async function outcomeOf(stack: string) {
  const gateway = await fakeServer(({ path, body }) => {
    if (path === "/v3/sessions") return { body: { sessionHandle: "s" } };
    if (path.endsWith("/statements"))
      return { body: { operationHandle: body.includes("SELECT 1") ? "query" : "setting" } };
    if (path.includes("/query/result/0")) return { status: 500, body: { errors: ["", stack] } };
    return { body: { resultType: "EOS" } };
  });
  const runtime = { inside, gateway: async () => ({ url: gateway.url }) };
  const flink = { overview: async () => ({ taskManagers: 1, slots: 9, freeSlots: 9, version: "2.1.0" }) };
  const { kind, code, message } = await problemOf(() =>
    query(workspaceOf({ runtime, flink }), "SELECT 1", 1, 0),
  );
  return { kind, code, message };
}

describe("a query that fails", () => {
  it("was not answered where Flink's processes were too slow for one another", async () => {
    const why = "Ask timed out on [Actor[pekko://flink/user/rpc/dispatcher_0]] after [10000 ms].";
    expect(await outcomeOf(`Caused by: org.apache.pekko.pattern.AskTimeoutException: ${why}`)).toEqual({
      kind: "unavailable",
      code: "query_unanswered",
      message: `Flink could not carry out a query: AskTimeoutException: ${why}`,
    });
  });

  it("has failed where a data file is gone", async () => {
    const why = "Failed to open input stream for file: /data/0.parquet";
    expect(await outcomeOf(`Caused by: org.apache.iceberg.exceptions.NotFoundException: ${why}`)).toEqual({
      kind: "failed",
      code: "file_unreadable",
      message: `NotFoundException: ${why}`,
    });
  });

  it.each([
    "java.io.FileNotFoundException: File file:/data/0.parquet does not exist",
    "org.apache.hadoop.fs.ChecksumException: Checksum error: file:/data/0.parquet at 4096 exp: -98294706 got: 219625583",
    "java.lang.RuntimeException: file:/data/0.parquet is not a Parquet file. Expected magic number at tail",
    "org.apache.parquet.io.ParquetDecodingException: could not read page Page [bytes.size=12] in col [a]",
  ])("has failed where a file is damaged: %s", async (why) => {
    expect((await outcomeOf(`Caused by: ${why}`)).code).toBe("file_unreadable");
  });

  it.each([
    "java.lang.ClassNotFoundException: io.pipectl.format.ParseRecord",
    "org.apache.calcite.sql.validate.SqlValidatorException: Object 'x' not found within 'lake.bronze'",
  ])("is at fault itself: %s", async (why) => {
    expect((await outcomeOf(`Caused by: ${why}`)).code).toBe("query_failed");
  });
});
