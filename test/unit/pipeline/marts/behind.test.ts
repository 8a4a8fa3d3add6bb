import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { martsVerdict } from "../../../../src/pipeline/marts/behind.js";
import { martProperty } from "../../../../src/pipeline/marts/mart-state.js";
import { temporaryFolder } from "../../../helpers/folder.js";
import { icebergTable } from "../../../helpers/tables.js";
import { configOf, workspaceOf } from "../../../helpers/workspace.js";

const root = temporaryFolder();

const verdict = async (mode: string, state?: unknown) => {
  const table = icebergTable([], { properties: { [martProperty]: JSON.stringify(state) } });
  const config = { ...configOf({ MODE: mode }), root };
  return await martsVerdict(
    workspaceOf({ config, catalog: { table: async () => (state === undefined ? undefined : table) } }),
  );
};

it("says nothing where there are no marts", async () => {
  expect(await verdict("batch")).toBeUndefined();
});

it("says which marts are behind, as a warning in batch mode", async () => {
  mkdirSync(join(root, "datasets/taxi/marts"), { recursive: true });
  writeFileSync(join(root, "datasets/taxi/marts/a.sql"), "SELECT 1 AS a");
  const detail = "gold.taxi_a: never made";
  expect(await verdict("batch")).toEqual({ status: "warn", detail, hint: "pipectl process-marts" });
  expect(await verdict("streaming_bronze")).toMatchObject({ status: "pass", detail });
  expect(await verdict("batch", { version: 1, mart: "taxi/b" })).toMatchObject({
    status: "warn",
    detail: expect.stringContaining("is the mart taxi/b"),
  });
});

it("says what is wrong with a file, and fails nothing", async () => {
  writeFileSync(join(root, "datasets/taxi/marts/b.sql"), "DROP TABLE t");
  expect(await verdict("batch")).toMatchObject({
    status: "warn",
    detail: expect.stringContaining("datasets/taxi/marts/b.sql:1: begins with"),
  });
});
