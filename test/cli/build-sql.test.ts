import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { documentOf, pipectl } from "../helpers/cli.js";
import { temporaryProject } from "../helpers/folder.js";

const root = temporaryProject();
const build = async (...argv: string[]) => await pipectl(["build-sql", ...argv], { root });

describe.each([
  ["batch", ["00_catalog", "01_source", "05_bronze", "06_silver"]],
  ["streaming_bronze", ["00_catalog", "01_source", "07_streaming_bronze", "06_silver"]],
])("build-sql --mode %s", (mode, names) => {
  const paths = names.map((name) => join(root, "build", "sql", `${name}.sql`));

  it("prints the path of each file", async () => {
    expect(await build("--mode", mode)).toEqual({ code: 0, stdout: `${paths.join("\n")}\n`, stderr: "" });
  });

  it("shows what it wrote", async () => {
    const { code, stdout } = await build("--mode", mode, "--show");
    expect(code).toBe(0);
    for (const path of paths) expect(stdout).toContain(`-- ${path}\n${readFileSync(path, "utf8")}`);
    expect(stdout).toContain(`'execution.runtime-mode' = '${mode === "batch" ? "batch" : "streaming"}'`);
    expect(stdout.includes("'scan.bounded.mode' = 'latest-offset'")).toBe(mode === "batch");
    expect(stdout.includes("'table.dml-sync' = 'true'")).toBe(mode === "batch");
  });

  it("gives paths and SQL as JSON", async () => {
    const { files } = documentOf(await build("--mode", mode, "--json")) as {
      files: { path: string; sql: string }[];
    };
    expect(files.map(({ path }) => path)).toEqual(paths);
    for (const { path, sql } of files) expect(sql).toBe(readFileSync(path, "utf8"));
  });
});

it("gives the same bytes each time", async () => {
  expect((await build("--show")).stdout).toBe((await build("--show")).stdout);
});
