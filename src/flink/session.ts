import { PipectlError } from "../core/errors.js";

/** One Flink SQL session: what is set and created in it is there for the statements that follow. */
export interface SqlSession {
  /**
   * Runs one statement (without the semicolon) to its end. A job is submitted then, and has ended only where
   * `table.dml-sync` is on.
   *
   * @throws SqlError with Flink's own reason
   */
  execute(statement: string, signal: AbortSignal): Promise<void>;
  /** Ends the session. A job that it started is not touched. */
  close(): Promise<void>;
}

/** A statement that Flink refused, or whose job failed. `position` is where in the statement, from 1, if Flink says. */
export class SqlError extends PipectlError {
  readonly position: { readonly line: number; readonly column: number } | undefined;

  /** @param words everything that Flink said, a stack perhaps, in which the position may stand */
  constructor(
    readonly reason: string,
    words = reason,
  ) {
    super("failed", "sql_failed", `Flink SQL: ${reason}`, { hint: "pipectl logs gateway" });
    const match = /(?:at|From) line (\d+), column (\d+)/.exec(words);
    this.position = match === null ? undefined : { line: Number(match[1]), column: Number(match[2]) };
  }
}
