import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { findDatasets, loadDataset, requireOwnTables } from "../../../src/dataset/folder.js";
import { problemOf } from "../../helpers/problem.js";
import { ordersYaml } from "./fixtures.js";

const root = mkdtempSync(join(tmpdir(), "pipectl-folder-"));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "datasets"));
const write = (name: string, yaml: string) => writeFileSync(join(root, "datasets", name), yaml);
write("orders.yml", ordersYaml);
write("other.yml", ordersYaml.replace("name: orders", "name: other"));
write("broken.yml", "name: [");
write("renamed.yml", ordersYaml);
write("notes.txt", "no manifest");

it("finds every manifest, the wrong ones too", () => {
  expect(
    findDatasets(root).map((one) => [one.name, "problem" in one ? one.problem : one.dataset.name]),
  ).toEqual([
    ["broken", expect.stringContaining("broken.yml:1: ")],
    ["orders", "orders"],
    ["other", "other"],
    ["renamed", expect.stringContaining("is the manifest of orders: its name: must be renamed")],
  ]);
  expect(findDatasets(join(root, "nowhere"))).toEqual([]);
});

it("says which dataset may be meant", async () => {
  expect(await problemOf(() => loadDataset(root, "oders"))).toMatchObject({
    code: "dataset_missing",
    hint: "did you mean orders?",
  });
  expect((await problemOf(() => loadDataset(root, "weather"))).hint).toContain("pipectl dataset infer FILE");
});

it("refuses two datasets with one topic or one table", async () => {
  const clash = await problemOf(() => requireOwnTables(loadDataset(root, "other"), root));
  expect(clash.code).toBe("dataset_clash");
  expect(clash.message).toContain("topic shop.orders is also that of orders");
  expect(clash.message).toContain("table silver.orders is also one of orders");
  write(
    "other.yml",
    ordersYaml
      .replace("name: orders", "name: other")
      .replaceAll("shop.", "o.")
      .replaceAll("ze.orders", "ze.o")
      .replaceAll("silver.orders", "silver.o"),
  );
  requireOwnTables(loadDataset(root, "other"), root);
  const twice = ordersYaml
    .replace("name: orders", "name: twice")
    .replace("dlq: bronze.orders_dlq", "dlq: bronze.orders");
  write("twice.yml", twice);
  expect((await problemOf(() => requireOwnTables(loadDataset(root, "twice"), root))).message).toContain(
    "is named twice",
  );
});
