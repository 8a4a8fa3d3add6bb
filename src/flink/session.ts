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

/** Puts secrets in the place of `${NAME}`; a name that is none of them stays as it is. */
export const withoutPlaceholders = (
  text: string,
  secrets: Readonly<Record<string, string>>,
  quoted = (secret: string) => secret,
): string =>
  text.replace(/\$\{([\w:.-]+)\}/g, (whole, name: string) =>
    Object.hasOwn(secrets, name) ? quoted(secrets[name] as string) : whole,
  );

/**
 * The same session, with secrets in the place of `${NAME}` in each statement that it executes: the files that statements
 * come from hold none. A query is sent as it is.
 */
export function withSecrets<S extends SqlSession>(session: S, secrets: Readonly<Record<string, string>>): S {
  // All of them stand within a literal.
  const quoted = (secret: string) => secret.replaceAll("'", "''");
  const execute: S["execute"] = async (statement, signal) =>
    await session.execute(withoutPlaceholders(statement, secrets, quoted), signal);
  return { ...session, execute };
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
