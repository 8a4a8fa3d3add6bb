import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadManifest } from "../../../../src/dataset/manifest.js";
import { sqlContext } from "../../../../src/execution/sql-context.js";
import { topologyOf } from "../../../../src/pipeline/stream/submit-bronze.js";
import { renderFiles } from "../../../../src/sql/files.js";
import { root, temporaryFolder } from "../../../helpers/folder.js";
import { inside, workspaceOf } from "../../../helpers/workspace.js";

const folder = temporaryFolder();
const file = "08_streaming_silver" as const;
const derived = (expr: string) => (text: string) =>
  text.replace("  derived:\n", `  derived:\n    - {name: topic_no, type: INT, expr: ${expr}}\n`);
const filter = (sql: string) => (text: string) => text.replace("  filters:\n", `  filters:\n    - ${sql}\n`);

function streamOf(change: (text: string) => string) {
  const path = join(folder, "taxi.yml");
  writeFileSync(path, change(readFileSync(join(root, "datasets", "taxi.yml"), "utf8")));
  const workspace = { ...workspaceOf({}), dataset: loadManifest(path) };
  const { config, dataset } = workspace;
  const context = sqlContext(config, dataset, inside, { run: "", incarnation: 0, batch: false });
  const sql = renderFiles(config.root, [file], context).get(file) as string;
  return { sql, topology: topologyOf(workspace, file) };
}
/** As the version before the column's name recorded it. */
const recorded = (sql: string) =>
  createHash("md5").update(sql.replaceAll("kafka_incarnation", "kafka_epoch")).digest("hex");

it("a stream that an earlier version began does what it did, whatever the column is called in the manifest", () => {
  for (const expr of ["kafka_epoch + 1", "kafka_incarnation + 1"]) {
    const { sql, topology } = streamOf(derived(expr));
    expect(sql).toContain("CAST(kafka_incarnation + 1 AS INT)");
    expect(topology).toBe(recorded(sql));
  }
});

it("but not one that filters by the column: Iceberg looks for a filter's column by its name", () => {
  const { sql, topology } = streamOf(filter("kafka_epoch >= 0"));
  expect(topology).not.toBe(recorded(sql));
  expect(topology).toBe(streamOf(filter("kafka_incarnation >= 0")).topology);
});
