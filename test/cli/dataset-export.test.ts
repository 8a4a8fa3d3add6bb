import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { documentOf, pipectl } from "../helpers/cli.js";
import { temporaryFolder } from "../helpers/folder.js";

const folder = temporaryFolder();
const run = async (...argv: string[]) => await pipectl(["dataset", "export", ...argv]);

it("writes the sources of dbt to standard output", async () => {
  const { code, stdout } = await run("dbt");
  expect(code).toBe(0);
  expect(parse(stdout)).toMatchObject({ version: 2, sources: [{ name: "bronze" }, { name: "silver" }] });
  expect(documentOf(await run("dbt", "--json"))).toEqual({ format: "dbt", yaml: stdout });
});

it("writes them to a new file or over its own, and over no other", async () => {
  const file = join(folder, "sources.yml");
  expect(documentOf(await run("dbt", "--out", file, "--json"))).toEqual({ format: "dbt", file });
  const written = readFileSync(file, "utf8");
  writeFileSync(file, `${written}# more\n`);
  expect((await run("dbt", "--out", file)).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(written);
  writeFileSync(file, written.replace("from the manifest of taxi", "from the manifest of another"));
  const again = await run("dbt", "--out", file);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("exists already")]);
  expect(readFileSync(file, "utf8")).toContain("the manifest of another");
  expect((await run("dbt", "--out", join(folder, "no", "folder.yml"))).code).toBe(3);
});

it("knows no other format", async () => {
  const { code, stdout } = await run("xml", "--json");
  expect([code, JSON.parse(stdout).error.code]).toEqual([2, "format_unknown"]);
});
