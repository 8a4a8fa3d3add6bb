import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { rewriteFiles } from "../../../../src/pipeline/evolve/rewrite-files.js";
import { root, temporaryFolder } from "../../../helpers/folder.js";
import { configOf } from "../../../helpers/workspace.js";

it("puts the names of now into manifest and marts that have others, and writes no other file", async () => {
  const folder = temporaryFolder();
  const datasets = join(folder, "datasets");
  const marts = join(datasets, "taxi", "marts");
  mkdirSync(marts, { recursive: true });
  const taxi = readFileSync(join(root, "datasets", "taxi.yml"), "utf8");
  const manifest = join(datasets, "taxi.yml");
  writeFileSync(
    manifest,
    taxi.replace("  filters:\n", "  filters: # by kafka_epoch\n    - kafka_epoch >= 0\n"),
  );
  chmodSync(manifest, 0o640);
  writeFileSync(join(marts, "a.sql"), "SELECT 'kafka_epoch' AS a\n");
  writeFileSync(
    join(marts, "b.sql"),
    "-- of kafka_epoch\r\nSELECT kafka_epoch AS b FROM bronze.raw_trips;\n",
  );
  const again = () =>
    rewriteFiles({ config: { ...configOf(), root: folder }, dataset: loadManifest(manifest) });

  expect(await again()).toEqual([manifest, join(marts, "b.sql")]);
  expect(readFileSync(manifest, "utf8")).toBe(
    taxi.replace("  filters:\n", "  filters: # by kafka_epoch\n    - kafka_incarnation >= 0\n"),
  );
  expect(statSync(manifest).mode & 0o777).toBe(0o640);
  expect(readFileSync(join(marts, "b.sql"), "utf8")).toBe(
    "-- of kafka_epoch\r\nSELECT kafka_incarnation AS b FROM bronze.raw_trips;\n",
  );
  expect(await again()).toEqual([]);
});
