import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { SqlError, type SqlSession } from "../../../src/flink/session.js";
import { sqlClientSession } from "../../../src/flink/sql-client.js";
import { root, temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";

const folder = temporaryFolder();
const never = new AbortController().signal;
let sessions = 0;

/** A session with the stand-in; `received` gives the statements that reached it. */
async function open(...args: string[]): Promise<SqlSession & { received(): string[] }> {
  const log = join(folder, `received-${++sessions}`);
  const client = join(root, "test", "helpers", "sql-client.mjs");
  const session = await sqlClientSession({
    file: process.execPath,
    args: [client, log, ...args],
    cwd: folder,
    env: {},
  });
  onTestFinished(async () => await session.close());
  return {
    ...session,
    received: () =>
      readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as string)
        .filter((statement) => !statement.includes("sql-client.verbose")),
  };
}

const reasonOf = async (running: Promise<void>) => {
  const error = await running.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SqlError);
  return error as SqlError;
};

describe("the SQL client as a session", () => {
  it("sends one statement after the other, as they are, and ends with QUIT", async () => {
    const session = await open();
    const statements = [
      "SET 'a' = 'b'",
      "INSERT INTO t\nSELECT ';', 'é'",
      "EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1; END",
    ];
    for (const statement of statements) await session.execute(statement, never);
    await session.close();
    expect(session.received()).toEqual([...statements, "QUIT"]);
  });

  it.each(["SELECT WRONG", "SELECT SLOWLY WRONG"])(
    "gives the innermost reason of %s, and its position",
    async (statement) => {
      const session = await open();
      const error = await reasonOf(session.execute(statement, never));
      expect(error.reason).toBe("SqlValidatorException: Column 'x' not found in any table");
      expect(error.position).toEqual({ line: 2, column: 8 });
    },
  );

  it("goes on after an error, and does not take its words for those of the next statement", async () => {
    const session = await open();
    for (let i = 0; i < 3; i++) {
      await reasonOf(session.execute("SELECT WRONG", never));
      await session.execute("SET 'a' = 'b'", never);
      await session.execute("INSERT INTO t SELECT 1", never);
    }
  });

  it("gives the reason of a client that ends after it", async () => {
    const session = await open();
    expect((await reasonOf(session.execute("WRONG AND DIES", never))).reason).toContain(
      "Column 'x' not found",
    );
  });

  it("shows the last words of a client that dies in the middle, also to the next statement", async () => {
    const session = await open();
    const error = await problemOf(() => session.execute("DIE", never));
    expect(error).toMatchObject({
      kind: "unavailable",
      code: "sql_client_died",
      hint: "pipectl logs gateway",
    });
    expect(error.message).toContain("java.lang.OutOfMemoryError: Java heap space");
    expect((await problemOf(() => session.execute("SET 'a' = 'b'", never))).code).toBe("sql_client_died");
    await session.close();
  });

  it("leaves a statement that hangs at once when it is aborted", async () => {
    const session = await open();
    const stop = new AbortController();
    const reason = new Error("interrupted");
    const running = session.execute("HANG", stop.signal);
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(session.execute("SET 'a' = 'b'", stop.signal)).rejects.toBe(reason);
  });

  it("does not wait for ever for a client that ignores QUIT", async () => {
    const session = await open("stubborn");
    await session.execute("SET 'a' = 'b'", never);
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const closing = session.close();
    vi.advanceTimersByTime(3_000);
    vi.useRealTimers();
    await closing;
    expect(session.received()).toContain("SET 'a' = 'b'");
  });

  it("says that the client could not be started", async () => {
    const session = await sqlClientSession({ file: "/nowhere/java", args: [], cwd: folder, env: {} });
    expect((await problemOf(() => session.execute("SET 'a' = 'b'", never))).code).toBe("sql_client_died");
    await session.close();
  });
});
