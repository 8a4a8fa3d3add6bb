import { unavailable } from "../core/errors.js";
import type { Launch } from "../core/exec.js";
import { startDialogue } from "../core/exec.js";
import { innermostCause } from "./rest.js";
import { SqlError, type SqlSession } from "./session.js";

/**
 * The Flink SQL client as a session: one process that reads statement by statement from its standard input.
 *
 * Its exit code says nothing (0 even when a statement fails), so each statement is judged by what the client prints. Jobs are found
 * by name over Flink's REST API, whichever way they were submitted.
 */
export async function sqlClientSession(launch: Launch): Promise<SqlSession> {
  const dialogue = await startDialogue(launch.file, launch.args, launch);
  const seen: string[] = [];
  let ended = false;
  let onLine = () => {};
  const reader = (async () => {
    try {
      for await (const line of dialogue.lines) {
        seen.push(plain(line));
        onLine();
      }
    } finally {
      ended = true;
      onLine();
    }
  })();
  reader.catch(() => {});

  /** Resolves with the lines since `from` as soon as they satisfy `enough`, or the client has ended. */
  async function output(
    from: number,
    enough: (lines: string[]) => boolean,
    signal: AbortSignal,
  ): Promise<string[]> {
    return await new Promise((resolve, reject) => {
      const settle = (action: () => void) => {
        onLine = () => {};
        signal.removeEventListener("abort", abort);
        action();
      };
      const abort = () => settle(() => reject(signal.reason));
      onLine = () => {
        const lines = seen.slice(from);
        if (enough(lines) || ended) settle(() => resolve(lines));
      };
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      else onLine();
    });
  }

  /** Sends a statement. Returns the client's verdict, and the index in `seen` after it. */
  async function ask(statement: string, signal: AbortSignal) {
    const from = seen.length;
    dialogue.write(`${statement};\n`);
    const lines = await output(from, (all) => all.some((line) => verdictOf(line) !== undefined), signal);
    const at = lines.findIndex((line) => verdictOf(line) !== undefined);
    if (at < 0) {
      throw unavailable(
        "sql_client_died",
        `the Flink SQL client ended in the middle of a statement:\n${lastWords(seen)}`,
        {
          hint: "pipectl logs gateway",
        },
      );
    }
    return { verdict: verdictOf(lines[at] as string), end: from + at + 1 };
  }

  let verbose = false;
  return {
    execute: async (statement, signal) => {
      // With the stack trace an error shows its place in the statement; without it only the innermost reason.
      if (!verbose) await ask("SET 'sql-client.verbose' = 'true'", signal);
      verbose = true;
      const { verdict, end } = await ask(statement, signal);
      if (verdict === "succeeded") return;
      // The stack trace follows the verdict and has no end mark. The response to another statement ends it.
      dialogue.write("SET 'sql-client.verbose' = 'true';\n");
      const rest = await output(end, (all) => all.some((line) => verdictOf(line) !== undefined), signal);
      const stack = rest.filter((line) => verdictOf(line) === undefined).join("\n");
      throw new SqlError(innermostCause(stack) || "the SQL client gives no reason", stack);
    },
    close: async () => {
      dialogue.write("QUIT;\n");
      // Its work is done, so a client that hangs while it exits is not waited for.
      const timer = setTimeout(() => dialogue.kill("SIGKILL"), 3_000);
      await dialogue.end().catch(() => {});
      clearTimeout(timer);
    },
  };
}

/** The client answers each statement with one of these lines. */
function verdictOf(line: string): "succeeded" | "failed" | undefined {
  if (line.includes("[ERROR]")) return "failed";
  if (/\[INFO\] (Execute statement succeeded|Complete execution of the SQL update statement)/.test(line))
    return "succeeded";
  if (/^Job ID: [0-9a-f]{32}/.test(line) || /\b(OK|rows? in set|Empty set)$/.test(line)) return "succeeded";
  return undefined;
}

/** Without colours and cursor movements. */
function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}

function lastWords(lines: readonly string[]): string {
  return lines
    .filter((line) => line.trim() !== "")
    .slice(-5)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}
