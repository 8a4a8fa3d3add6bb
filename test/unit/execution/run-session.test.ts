import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runSession } from "../../../src/execution/run-session.js";
import type { FileName } from "../../../src/sql/files.js";
import { root, temporaryFolder } from "../../helpers/folder.js";
import { workspaceOf } from "../../helpers/workspace.js";

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
      "QUIT",
    ]);
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
