import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, inject, test } from "vitest";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { allTypes } from "../helpers/all-types.js";
import { temporaryFolder } from "../helpers/folder.js";
import { readTable } from "../helpers/iceberg.js";
import { emptyStack, pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

const folder = temporaryFolder("pipectl-shapes-");
let root: string;
beforeAll(async () => {
  await emptyStack();
  root = await projectCopy(join(folder, "project"));
});

const env = { SUBMIT_VIA: "gateway" };
/** Planning 130 nested columns and writing a thousand files take their time on a busy machine. */
const timeout = 900_000;
const of =
  (dataset: string) =>
  async <T>(...args: string[]) =>
    await pipectlJson<T>(["--dataset", dataset, ...args], { env, root });
const manifestOf = (name: string) => join(root, "datasets", `${name}.yml`);
const file = (name: string, lines: readonly string[]) => {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};
const failing = ({ stages }: ValidateResult) => stages.filter(({ status }) => status !== "pass");

test("every type in every position: --deep passes, and an independent reader has each value", {
  timeout,
}, async () => {
  const { columns, lines, expected } = allTypes(24);
  writeFileSync(
    manifestOf("types"),
    `name: types
topic: types.raw
partitions: 2
retention: 3d
tables: {bronze: bronze.types, dlq: bronze.types_dlq, silver: silver.types}
columns:
  - {name: id, type: INT}
${columns.map(({ name, type }) => `  - {name: ${name}, type: "${type}"}`).join("\n")}
silver:
  natural_key: [id]
  wins: identical
  id: row_id
  partition_by: {column: event_date, type: DATE, expr: "DATE '1970-01-01'"}
`,
  );
  const run = of("types");
  await run("create-topics");
  await run("generate", file("types.jsonl", lines));
  await run("process");
  const names = ["id", ...columns.map(({ name }) => name)];
  for (const table of ["bronze.types", "silver.types"]) {
    const rows = (await readTable(table, names)).sort((a, b) => Number(a[0]) - Number(b[0]));
    for (const [n, row] of rows.entries()) expect(row).toEqual(expected[n]);
    expect(rows).toHaveLength(expected.length);
  }
  expect(failing(await run<ValidateResult>("validate", "--deep"))).toEqual([]);
});

test("silver over many days, on the default heap", { timeout }, async () => {
  const days = Number(process.env.SILVER_DAYS ?? 600);
  const line = (n: number, id: string) =>
    `${id},${new Date(Date.UTC(1990, 0, 1) + n * 86_400_000).toISOString().slice(0, 10)},${n / 4},x${n}`;
  const csv = (name: string, prefix: string) =>
    file(name, ["id,day,amount,note", ...Array.from({ length: days }, (_, n) => line(n, `${prefix}${n}`))]);
  const first = csv("days.csv", "a");
  await pipectlJson(["dataset", "infer", first, "--name", "days"], { root });
  const manifest = readFileSync(manifestOf("days"), "utf8");
  writeFileSync(manifestOf("days"), manifest.replace(/ {4}transform: .*\n/, ""));
  const run = of("days");
  await run("create-topics");
  await run("generate", first);
  await run("process");
  // All partitions are merged with new rows.
  await run("generate", csv("more.csv", "b"));
  await run("process");
  const rows = await readTable("silver.days", ["id", "event_date"]);
  expect([
    rows.length,
    new Set(rows.map(([id]) => id)).size,
    new Set(rows.map(([, date]) => date)).size,
  ]).toEqual([2 * days, 2 * days, days]);
  expect(failing(await run<ValidateResult>("validate", "--deep"))).toEqual([]);
});

/** What another engine commits to silver, over the catalog's REST API. */
async function evolve(updates: readonly object[]): Promise<void> {
  const url = `http://127.0.0.1:${inject("stack").CATALOG_PORT}/v1/namespaces/silver/tables/orders`;
  const body = JSON.stringify({ requirements: [], updates });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect([answer.status, answer.status === 200 ? "" : await answer.text()]).toEqual([200, ""]);
}

test("partitions that another engine has changed are refused and set back; months by the manifest", {
  timeout,
}, async () => {
  const line = (n: number, id: string) => `${id},2026-0${1 + (n % 4)}-1${n % 5},${n}`;
  const csv = (name: string, prefix: string) =>
    file(name, ["id,day,amount", ...Array.from({ length: 200 }, (_, n) => line(n, `${prefix}${n}`))]);
  const run = of("orders");
  await pipectlJson(["dataset", "infer", csv("o1.csv", "a"), "--name", "orders"], { root });
  await run("create-topics");
  await run("generate", csv("o1.csv", "a"));
  await run("process");
  const { metadata } = (await (
    await fetch(`http://127.0.0.1:${inject("stack").CATALOG_PORT}/v1/namespaces/silver/tables/orders`)
  ).json()) as { metadata: { schemas: { fields: { id: number; name: string }[] }[] } };
  const id = (name: string) => metadata.schemas[0]?.fields.find((one) => one.name === name)?.id;
  const field = {
    "field-id": 1000,
    name: "event_date",
    transform: "identity",
    "source-id": id("event_date"),
  };
  const bucket = { "field-id": 1001, name: "b", transform: "bucket[4]", "source-id": id("id") };
  await evolve([
    { action: "add-spec", spec: { "spec-id": 1, fields: [field, bucket] } },
    { action: "set-default-spec", "spec-id": -1 },
    {
      action: "add-sort-order",
      "sort-order": {
        "order-id": 1,
        fields: [
          { transform: "identity", "source-id": id("id"), direction: "asc", "null-order": "nulls-first" },
        ],
      },
    },
    { action: "set-default-sort-order", "sort-order-id": -1 },
  ]);
  await run("generate", csv("o2.csv", "b"));
  const refused = await pipectl(["--dataset", "orders", "process"], { env, root });
  expect([refused.exitCode, refused.stderr]).toEqual([
    1,
    expect.stringContaining(
      "partitions: event_date, bucket[4](id), to be event_date; sort order: id asc, to be none",
    ),
  ]);
  const seen = await pipectl(["--dataset", "orders", "validate"], { env, root });
  expect([seen.exitCode, seen.stdout]).toEqual([1, expect.stringContaining("pipectl dataset apply")]);
  const exact = async (rows: number) => {
    const found = await readTable("silver.orders", ["id"]);
    expect([found.length, new Set(found.map(([one]) => one)).size]).toEqual([rows, rows]);
    expect(failing(await run<ValidateResult>("validate", "--deep"))).toEqual([]);
  };
  await run("dataset", "apply");
  await run("process");
  await exact(400);
  const manifest = readFileSync(manifestOf("orders"), "utf8");
  writeFileSync(
    manifestOf("orders"),
    manifest.replace("    type: DATE\n", "    type: DATE\n    transform: month\n"),
  );
  await run("dataset", "apply");
  await run("generate", csv("o3.csv", "c"));
  await run("process");
  await exact(600);
  await run("process-silver", "--from", "2026-02-11", "--to", "2026-02-12");
  await exact(600);
});
