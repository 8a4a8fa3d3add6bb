import { PipectlError } from "../core/errors.js";

/** One Flink SQL session. Settings and temporary objects stay for the statements that follow. */
export interface SqlSession {
  /**
   * Runs one statement (without the semicolon) to its end. A job has been submitted then; it has also ended only where
   * `table.dml-sync` is on.
   *
   * @throws SqlError with Flink's own reason
   */
  execute(statement: string, signal: AbortSignal): Promise<void>;
  /** Ends the session. Jobs that it started go on. */
  close(): Promise<void>;
}

/** Replaces `${NAME}` by secrets; unknown names stay as they are. */
export const withoutPlaceholders = (
  text: string,
  secrets: Readonly<Record<string, string>>,
  quoted = (secret: string) => secret,
): string =>
  text.replace(/\$\{([\w:.-]+)\}/g, (whole, name: string) =>
    Object.hasOwn(secrets, name) ? quoted(secrets[name] as string) : whole,
  );

/**
 * The same session, which replaces `${NAME}` by secrets in each statement that it executes: rendered files hold no secrets. Queries
 * are sent as they are.
 */
export function withSecrets<S extends SqlSession>(session: S, secrets: Readonly<Record<string, string>>): S {
  // Each secret stands inside a string literal.
  const quoted = (secret: string) => secret.replaceAll("'", "''");
  const execute: S["execute"] = async (statement, signal) =>
    await session.execute(withoutPlaceholders(statement, secrets, quoted), signal);
  return { ...session, execute };
}

/** A statement that Flink refused, or whose job failed. `position` is the place in the statement, from 1, where Flink names one. */
export class SqlError extends PipectlError {
  readonly position: { readonly line: number; readonly column: number } | undefined;

  /** @param words Flink's whole message, perhaps with a stack trace; the position is read from it */
  constructor(
    readonly reason: string,
    words = reason,
  ) {
    super("failed", "sql_failed", `Flink SQL: ${reason}`, { hint: "pipectl logs gateway" });
    const match = /(?:at|From) line (\d+), column (\d+)/.exec(words);
    this.position = match === null ? undefined : { line: Number(match[1]), column: Number(match[2]) };
  }
}
