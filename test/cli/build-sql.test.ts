import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { documentOf, pipectl } from "../helpers/cli.js";
import { root as projectRoot, temporaryFolder, temporaryProject } from "../helpers/folder.js";

const root = temporaryProject();
const build = async (...argv: string[]) => await pipectl(["build-sql", ...argv], { root });

describe.each([
  ["batch", ["00_catalog", "01_source", "05_bronze", "06_silver"]],
  [
    "streaming_bronze",
    ["00_catalog", "01_source", "07_streaming_bronze", "06_silver", "08_streaming_silver"],
  ],
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

describe("build-sql for Docker", () => {
  const credentials = { S3_ACCESS_KEY: "access-hunter2", S3_SECRET_KEY: "secret-hunter2" };
  const none = temporaryFolder();
  /** Without any program on PATH: to render SQL needs no Docker. */
  const run = async (...argv: string[]) =>
    await pipectl(["build-sql", ...argv], {
      root,
      environment: { RUNTIME: "docker", PATH: none, STATE_DIR: join(none, "state"), ...credentials },
    });

  it("names the addresses in the stack's network, and the tables on S3", async () => {
    const { code, stdout, stderr } = await run("--show");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("'properties.bootstrap.servers' = 'kafka:19092'");
    expect(stdout).toContain("'uri' = 'http://catalog:8181'");
    expect(stdout).toContain("'warehouse' = 's3://lake/warehouse'");
    expect(stdout).toContain("'s3.endpoint' = 'http://s3:9000'");
    expect(stdout).not.toMatch(/127\.0\.0\.1|localhost/);
  });

  it.each(["batch", "streaming_bronze"])(
    "has no credential in %s, nor a name that would take one",
    async (mode) => {
      const outputs = [await run("--show", "--mode", mode), await run("--json", "--mode", mode)];
      const written = readdirSync(join(root, "build", "sql")).map((name) =>
        readFileSync(join(root, "build", "sql", name), "utf8"),
      );
      expect(written.length).toBeGreaterThanOrEqual(4);
      for (const text of [...outputs.map(({ stdout, stderr }) => stdout + stderr), ...written]) {
        expect(text).not.toContain("hunter2");
        expect(text).not.toMatch(/secret|credential|passw|token|access[-._]?key|S3_/i);
      }
    },
  );

  it("remembers nothing: no state folder was made, and no .env", async () => {
    await run();
    expect(existsSync(join(none, "state"))).toBe(false);
    expect(existsSync(join(root, ".env"))).toBe(false);
  });
});

it("gives the same bytes each time", async () => {
  expect((await build("--show")).stdout).toBe((await build("--show")).stdout);
});

describe("build-sql with marts", () => {
  const own = temporaryProject();
  const marts = join(own, "datasets", "taxi", "marts");
  beforeAll(() => {
    rmSync(join(own, "datasets"));
    cpSync(join(projectRoot, "datasets"), join(own, "datasets"), { recursive: true });
    mkdirSync(marts, { recursive: true });
    writeFileSync(join(marts, "revenue.sql"), "SELECT pickup_date FROM silver.cleaned_trips\n");
  });

  it("has a file for each", async () => {
    const { stdout } = await pipectl(["build-sql"], { root: own });
    const path = join(own, "build", "sql", "11_mart_revenue.sql");
    expect(stdout.split("\n")).toContain(path);
    expect(readFileSync(path, "utf8")).toContain("INSERT OVERWRITE `lake`.`gold`.`taxi_revenue`");
  });

  it("exits with 2 where one is no query, as every command does that makes them, before anything is asked", async () => {
    writeFileSync(join(marts, "wrong.sql"), "-- a comment\nDROP TABLE silver.cleaned_trips\n");
    for (const command of ["build-sql", "process", "process-silver", "process-marts"]) {
      const { code, stderr } = await pipectl([command], { root: own });
      expect(code, command).toBe(2);
      expect(stderr).toContain("datasets/taxi/marts/wrong.sql:2: begins with something else");
    }
  });
});
