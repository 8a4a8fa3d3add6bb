import { describe, expect, it } from "vitest";
import { innermostCause } from "../../../src/flink/rest.js";
import { SqlError } from "../../../src/flink/session.js";

const frames = (count: number, at = "org.apache.flink.runtime.taskmanager.Task.run") =>
  Array.from(
    { length: count },
    (_, i) => `\tat ${at}${i}(Task.java:${500 + i}) ~[flink-dist-2.1.0.jar:2.1.0]`,
  ).join("\n");

/** As Flink's /exceptions answers for a task that could not read its checkpoint folder. */
const jobFailure = [
  "org.apache.flink.runtime.JobException: Recovery is suppressed by NoRestartBackoffTimeStrategy",
  frames(40, "org.apache.flink.runtime.executiongraph.failover.ExecutionFailureHandler.handleFailure"),
  "Caused by: org.apache.flink.util.FlinkException: Global failure triggered by OperatorCoordinator for 'Source: source_records' (operator cbc357ccb763df2852fee8c4fc7d55f2).",
  frames(30),
  "Caused by: org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment. Call: describeTopics",
  frames(20),
  "\t... 12 more",
].join("\n");

describe("innermostCause", () => {
  it("is the last cause of a hundred lines, without its package", () => {
    expect(jobFailure.split("\n").length).toBeGreaterThan(90);
    expect(innermostCause(jobFailure)).toBe(
      "TimeoutException: Timed out waiting for a node assignment. Call: describeTopics",
    );
  });

  it.each([
    [
      "an outermost exception alone",
      `org.apache.iceberg.exceptions.CommitFailedException: Requirement failed: branch main has changed\n${frames(50)}`,
      "CommitFailedException: Requirement failed: branch main has changed",
    ],
    [
      "a nested class",
      `java.lang.RuntimeException: outer\nCaused by: org.apache.flink.table.api.Outer$InnerException: inner\n${frames(3)}`,
      "Outer$InnerException: inner",
    ],
    [
      "an error",
      `java.lang.RuntimeException: outer\nCaused by: java.lang.OutOfMemoryError: Metaspace\n${frames(3)}`,
      "OutOfMemoryError: Metaspace",
    ],
    [
      "an innermost cause that says nothing, so the one above it counts",
      `java.lang.RuntimeException: outer\nCaused by: java.io.IOException: disk full\nCaused by: java.lang.NullPointerException\n${frames(3)}`,
      "IOException: disk full",
    ],
    [
      "the gateway's answer to wrong SQL",
      [
        "org.apache.flink.table.gateway.service.utils.SqlExecutionException: Failed to execute the operation 1a2b.",
        frames(30),
        "Caused by: org.apache.flink.table.api.ValidationException: SQL validation failed. From line 3, column 3 to line 3, column 9: Column 'vendour' not found in any table",
        frames(20),
        "Caused by: org.apache.calcite.runtime.CalciteContextException: From line 3, column 3 to line 3, column 9: Column 'vendour' not found in any table",
        frames(10),
        "Caused by: org.apache.calcite.sql.validate.SqlValidatorException: Column 'vendour' not found in any table",
        "\t... 40 more",
      ].join("\n"),
      "SqlValidatorException: Column 'vendour' not found in any table",
    ],
    ["no stack at all", "\n  Service temporarily unavailable\nmore", "  Service temporarily unavailable"],
    ["nothing", "", ""],
  ])("understands %s", (_name, stack, cause) => {
    expect(innermostCause(stack)).toBe(cause);
  });

  it("keeps a text without an exception to 300 characters", () => {
    expect(innermostCause("x".repeat(1_000))).toHaveLength(300);
  });
});

describe("SqlError", () => {
  it.each([
    [
      'SQL parse failed. Encountered "FORM" at line 2, column 10.\nWas expecting one of:',
      { line: 2, column: 10 },
    ],
    ["From line 12, column 3 to line 14, column 99: Column 'x' not found", { line: 12, column: 3 }],
    ["Table `lake`.`bronze`.`nope` was not found", undefined],
    ["", undefined],
  ])("reads the position of %j", (reason, position) => {
    const error = new SqlError(reason);
    expect(error).toMatchObject({ code: "sql_failed", exitCode: 1, reason, message: `Flink SQL: ${reason}` });
    expect(error.position).toEqual(position);
  });

  it("takes the position from all that Flink said: only the outer causes have it", () => {
    const stack = [
      "org.apache.flink.table.api.ValidationException: SQL validation failed. From line 3, column 3 to line 3, column 9: Column 'x' not found",
      "Caused by: org.apache.calcite.sql.validate.SqlValidatorException: Column 'x' not found",
    ].join("\n");
    expect(new SqlError(innermostCause(stack), stack).position).toEqual({ line: 3, column: 3 });
  });
});
