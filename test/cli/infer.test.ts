import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { documentOf, pipectl } from "../helpers/cli.js";
import { temporaryFolder } from "../helpers/folder.js";

describe("dataset infer", () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "datasets"));
  const stdin = "id,created_at\n1,2024-01-01 10:00:00\n2,2024-01-01 10:00:01\n";

  it("shows the columns and what to do next", async () => {
    const { code, stdout } = await pipectl(["dataset", "infer", "-", "--name", "shown"], { root, stdin });
    expect(code).toBe(0);
    expect(stdout).toContain("created_at  TIMESTAMP(6)  created_at  times without a zone; never NULL");
    for (const step of ["create-topics", "generate -", "process", "validate"])
      expect(stdout).toContain(`\n  pipectl --dataset shown ${step}\n`.trimEnd());
    expect(readFileSync(join(root, "datasets", "shown.yml"), "utf8")).toContain("\nname: shown\n");
  });

  it("prints one document with --json", async () => {
    const result = await pipectl(["dataset", "infer", "-", "--name", "doc", "--json"], { root, stdin });
    expect(documentOf(result)).toMatchObject({
      dataset: "doc",
      rows: 2,
      naturalKey: ["id", "created_at"],
      notes: [],
    });
    const again = await pipectl(["dataset", "infer", "-", "--name", "doc", "--json"], { root, stdin });
    expect(again.code).toBe(2);
    expect(documentOf(again)).toMatchObject({ error: { code: "manifest_exists" } });
  });

  it("wants a name, and a whole number to sample", async () => {
    expect((await pipectl(["dataset", "infer", "-"], { root, stdin })).stderr).toContain("--name is missing");
    const bad = await pipectl(["dataset", "infer", "-", "--name", "n", "--sample", "1.5"], { root, stdin });
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining("--sample is '1.5'")]);
  });
});
