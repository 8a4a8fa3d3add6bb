import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { renderFiles, writeFiles } from "../../../src/sql/files.js";
import { temporaryFolder } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";

const folder = temporaryFolder();

it("renders the files named, with partials, in the order asked for", () => {
  const root = join(folder, "a");
  mkdirSync(join(root, "templates", "partials"), { recursive: true });
  writeFileSync(join(root, "templates", "00_catalog.sql.tmpl"), "SELECT {{str x}};");
  writeFileSync(join(root, "templates", "05_bronze.sql.tmpl"), "{{> rows}}");
  writeFileSync(join(root, "templates", "partials", "rows.sql.tmpl"), "SELECT {{int n}};");
  const files = renderFiles(root, ["05_bronze", "00_catalog"], { x: "y", n: 1 });
  expect([...files]).toEqual([
    ["05_bronze", "SELECT 1;"],
    ["00_catalog", "SELECT 'y';"],
  ]);
});

it("names the template, or the folder, that is not there", async () => {
  const root = join(folder, "a");
  const missing = await problemOf(() => renderFiles(root, ["06_silver"], {}));
  expect(missing).toMatchObject({ code: "template_missing", exitCode: 2 });
  expect(missing.message).toContain(join(root, "templates", "06_silver.sql.tmpl"));
  const noFolder = await problemOf(() => renderFiles(join(folder, "none"), ["06_silver"], {}));
  expect(noFolder.message).toContain(join(folder, "none", "templates"));
});

it("writes build/sql, over what was there, and leaves no half-written file", () => {
  const root = join(folder, "b");
  expect(writeFiles(root, new Map([["00_catalog", "old"]])).get("00_catalog")).toBe(
    join(root, "build", "sql", "00_catalog.sql"),
  );
  const paths = writeFiles(root, new Map([["00_catalog", "new"]]));
  expect(readFileSync(paths.get("00_catalog") as string, "utf8")).toBe("new");
  expect(readdirSync(join(root, "build", "sql"))).toEqual(["00_catalog.sql"]);
});
