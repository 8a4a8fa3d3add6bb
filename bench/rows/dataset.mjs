import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alternate, line, median } from "../measure.mjs";
import { broker, freshStack, jobMs, pipectl, root, seconds, sql, start, url } from "../stack.mjs";

const name = "bench_nested";
const path = join(root, "datasets", `${name}.yml`);
const chosen = { DATASET: name };

/** A dataset whose records are as deep as those of an event log, with so many further columns. */
const manifest = (more = 0) => `name: ${name}
topic: bench.nested
partitions: 3
retention: 1d
tables: {bronze: bronze.${name}, dlq: bronze.${name}_dlq, silver: silver.${name}}
columns:
  - {name: id, type: BIGINT}
  - {name: at, type: TIMESTAMP(6)}
  - {name: who, type: "ROW<name STRING, address ROW<city STRING, zip STRING>, age INT>"}
  - {name: tags, type: "ARRAY<STRING>"}
  - {name: lines, type: "ARRAY<ROW<sku STRING, amount DOUBLE, n INT>>"}
  - {name: attributes, type: "MAP<STRING, DOUBLE>"}
${Array.from({ length: more }, (_, i) => `  - {name: more_${i}, type: STRING}\n`).join("")}silver:
  natural_key: [kafka_incarnation, kafka_partition, kafka_offset]
  wins: identical
  id: row_id
  partition_by: {column: day, type: DATE, expr: "COALESCE(CAST(\`at\` AS DATE), DATE '1970-01-01')"}
`;

/** The same columns for a table of Flink's own. */
const columns =
  "id BIGINT, `at` TIMESTAMP(6), who ROW<name STRING, address ROW<city STRING, zip STRING>, age INT>, tags ARRAY<STRING>, " +
  "`lines` ARRAY<ROW<sku STRING, amount DOUBLE, n INT>>, attributes MAP<STRING, DOUBLE>";

const record = (i) =>
  JSON.stringify({
    id: i,
    at: `2026-01-0${1 + (i % 9)} 10:00:00.${String(i % 1000).padStart(3, "0")}`,
    who: { name: `name ${i % 977}`, address: { city: `city ${i % 31}`, zip: "01234" }, age: i % 90 },
    tags: ["a", `b${i % 7}`],
    lines: [
      { sku: `s${i % 13}`, amount: (i % 1000) / 8, n: 1 },
      { sku: "t", amount: 1.5, n: i % 5 },
    ],
    attributes: { depth: (i % 100) / 4, width: 2 },
  });

const count = 400_000;

/** Sends the records through `generate`, as a user sends those of a file. */
async function send(much) {
  const child = start(["generate", "-"], chosen);
  for (let from = 0; from < much; from += 10_000) {
    const some = Array.from({ length: Math.min(10_000, much - from) }, (_, i) => record(from + i));
    if (!child.stdin.write(`${some.join("\n")}\n`))
      await new Promise((done) => child.stdin.once("drain", done));
  }
  child.stdin.end();
  await child;
}

async function dropTables() {
  for (const [namespace, table] of [
    ["bronze", name],
    ["bronze", `${name}_dlq`],
    ["silver", name],
  ])
    await fetch(`${url("catalog")}/v1/namespaces/${namespace}/tables/${table}`, { method: "DELETE" });
}

const plainJob = "bench nested json to blackhole";

/** The bronze job over nested records, against Flink's own JSON format over the same ones, thrown away. */
export async function nested(rounds) {
  await freshStack();
  await writeFile(path, manifest());
  try {
    await pipectl(["create-topics"], chosen);
    await send(count);
    const rate = (ms) => count / (ms / 1000);
    const ours = async () => {
      await dropTables();
      const { jobs } = await pipectl(["process-bronze", "--via", "gateway"], chosen);
      return rate(await jobMs(jobs[0].name));
    };
    const theirs = async () => {
      await sql([
        "SET 'execution.runtime-mode' = 'batch'",
        "SET 'table.dml-sync' = 'true'",
        "SET 'parallelism.default' = '3'",
        `SET 'pipeline.name' = '${plainJob}'`,
        `CREATE TEMPORARY TABLE plain (${columns}) WITH ('connector' = 'kafka', 'topic' = 'bench.nested', ` +
          `'properties.bootstrap.servers' = '${broker}', 'scan.startup.mode' = 'earliest-offset', ` +
          "'scan.bounded.mode' = 'latest-offset', 'format' = 'json')",
        `CREATE TEMPORARY TABLE nowhere (${columns}) WITH ('connector' = 'blackhole')`,
        "INSERT INTO nowhere SELECT * FROM plain",
      ]);
      return rate(await jobMs(plainJob));
    };
    for (let i = 0; i < 3; i++) for (const once of [ours, theirs]) await once();
    const figures = await alternate(rounds, { ours, theirs });
    const ratio = median(figures.ours) / median(figures.theirs);
    return [
      line("bronze job, 400,000 nested records: rate / json to blackhole", ratio, { least: 0.5 }, figures),
    ];
  } finally {
    await rm(path, { force: true });
  }
}

/** `dataset apply` of one new column, from the command's start to its end; tables with rows, no stream. */
export async function apply(rounds) {
  await freshStack();
  await writeFile(path, manifest());
  try {
    await pipectl(["create-topics"], chosen);
    await send(10_000);
    await pipectl(["process"], chosen);
    let more = 0;
    const once = async () => {
      await writeFile(path, manifest(++more));
      return await seconds(async () => {
        const { applied } = await pipectl(["dataset", "apply"], chosen);
        if (!applied) throw new Error("nothing was applied");
      });
    };
    const figures = await alternate(rounds * 3, { apply: once });
    return [
      line(
        "dataset apply, one new column, no stream",
        median(figures.apply),
        { most: 1, unit: " s" },
        figures,
      ),
    ];
  } finally {
    await rm(path, { force: true });
  }
}
