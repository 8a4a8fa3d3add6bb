import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { runSession } from "../../../src/execution/run-session.js";
import type { GatewaySession } from "../../../src/flink/gateway.js";
import { SqlError } from "../../../src/flink/session.js";
import type { Inside } from "../../../src/runtime/runtime.js";
import type { FileName } from "../../../src/sql/files.js";
import { root, temporaryFolder } from "../../helpers/folder.js";
import { configOf, workspaceOf } from "../../helpers/workspace.js";

const folder = temporaryFolder();
const files = new Map<FileName, string>([
  ["00_catalog", "CREATE CATALOG lake;"],
  ["01_source", "SET 'table.dml-sync' = 'true';\nCREATE TEMPORARY TABLE s;"],
]);
const paths = new Map<FileName, string>([...files.keys()].map((name) => [name, `${name}.sql`]));

/** A run's session with a client that stands in; `received` gives the statements that reached it. */
function sessionWith(log: string) {
  const args = [join(root, "test", "helpers", "sql-client.mjs"), log];
  const launch = { file: process.execPath, args, cwd: folder, env: {} };
  const session = runSession(workspaceOf({ runtime: { sqlClient: async () => launch } }));
  const received = () =>
    readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as string);
  return { session, received };
}

describe("the session of a run", () => {
  it("prepares once, and does not wait for jobs in the client", async () => {
    const { session, received } = sessionWith(join(folder, "prepared"));
    expect(session.prepared()).toBe(false);
    for (let i = 0; i < 2; i++) await session.prepare(files, paths);
    expect(session.prepared()).toBe(true);
    await session.close();
    expect(received().filter((statement) => !statement.includes("sql-client.verbose"))).toEqual([
      "CREATE CATALOG lake",
      "SET 'table.dml-sync' = 'true'",
      "CREATE TEMPORARY TABLE s",
      "SET 'table.dml-sync' = 'false'",
      // Whether the session is still there.
      "SET 'table.dml-sync' = 'false'",
      "QUIT",
    ]);
  });

  it("opens another one where the gateway has dropped it: a job took longer than it may be idle", async () => {
    const received: string[][] = [];
    const gone = new Set<string[]>();
    const gatewaySession = async () => {
      const mine: string[] = [];
      received.push(mine);
      const execute = async (statement: string) => {
        if (gone.has(mine)) throw new SqlError("Session '0f-1' does not exist.");
        mine.push(statement);
      };
      return { execute, close: async () => {} } as unknown as GatewaySession;
    };
    const config = configOf({ SUBMIT_VIA: "gateway" });
    const runtime = {
      inside: { secrets: {} } as Inside,
      sqlClient: () => Promise.reject(new Error("unused")),
    };
    const session = runSession(workspaceOf({ config, gatewaySession, runtime }));
    await session.prepare(files, paths);
    gone.add(received[0] as string[]);
    await session.prepare(files, paths);
    await session.close();
    expect(received).toHaveLength(2);
    // Also one that was opened early, and dropped before it was needed.
    const early = runSession(workspaceOf({ config, gatewaySession, runtime }));
    early.open();
    await vi.waitUntil(() => received.length === 3);
    gone.add(received[2] as string[]);
    await early.prepare(files, paths);
    expect(received[3]).toEqual(received[0]);
    expect(received[1]).toEqual(received[0]);
    expect(received[1]?.[0]).toBe("CREATE CATALOG lake");
  });

  it("starts no client for a run that needs none", async () => {
    const log = join(folder, "unneeded");
    const { session } = sessionWith(log);
    await session.close();
    expect(existsSync(log)).toBe(false);
  });

  it("names each run after its time, and no two alike", () => {
    const names = [1, 2].map((i) => sessionWith(join(folder, `named-${i}`)).session.run);
    for (const name of names) expect(name).toMatch(/^\d{8}T\d{6}-[0-9a-f]{4}$/);
    expect(names[0]).not.toBe(names[1]);
  });
});
