import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alternate, line, median } from "../measure.mjs";
import { freshStack, pipectl, plainSqlClient, plainTables, rendered, seconds, temporary } from "../stack.mjs";

const generate = async () => await pipectl(["generate", "--count", "10000"]);
const processNew = async (...args) => {
  await generate();
  return await seconds(() => pipectl(["process", ...args]));
};

/** 10,000 records on a warm stack, against the same SQL in two SQL clients, one after the other. */
export async function warm(rounds) {
  await freshStack();
  for (let i = 0; i < 3; i++) await processNew();
  const files = await plainFiles();
  const plain = async () => {
    // The offsets of the last run of ours: 10,000 records as well.
    await writeFile(files.bronze, await plainSql("05_bronze"));
    return await seconds(async () => {
      for (const file of [files.bronze, files.silver]) await plainSqlClient(file);
    });
  };
  await plain();
  const figures = await alternate(rounds, {
    "two SQL clients": plain,
    process: () => processNew(),
    "process --via gateway": () => processNew("--via", "gateway"),
  });
  const base = median(figures["two SQL clients"]);
  return [
    line("process 10,000, warm / two SQL clients", median(figures.process) / base, { most: 0.4 }, figures),
    line(
      "process --via gateway / two SQL clients",
      median(figures["process --via gateway"]) / base,
      { most: 0.33 },
      figures,
    ),
  ];
}

/** The same right after `up` has returned, which leaves the warm-up to the background. */
export async function cold(rounds) {
  await freshStack();
  await processNew();
  const figures = await alternate(rounds, {
    "right after up": async () => {
      await pipectl(["down"]);
      await pipectl(["up"], { WARM_UP: "true" });
      return await processNew();
    },
    warm: async () => {
      await processNew();
      await processNew();
      return await processNew();
    },
  });
  const ratio = median(figures["right after up"]) / median(figures.warm);
  return [line("process 10,000 right after up / warm", ratio, { most: 1.5 }, figures)];
}

/** A second run with nothing new, over a million rows. */
export async function nothing(rounds) {
  await freshStack();
  await pipectl(["generate", "--count", "1000000"]);
  await pipectl(["process"]);
  const { services } = await pipectl(["status"]);
  const memory = services.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0) / 1e9;
  const figures = await alternate(rounds, { process: () => seconds(() => pipectl(["process"])) });
  return [
    line(
      "all services after 1 M records: resident memory",
      memory,
      { most: 3, unit: " GB" },
      { memory: [memory] },
    ),
    line("process with nothing new, 1 M rows", median(figures.process), { most: 2, unit: " s" }, figures),
  ];
}

/**
 * What pipectl has just submitted, for tables of its own and without branches: one file for each client, as a Makefile
 * has them. The second one makes all of silver.
 */
async function plainFiles() {
  await mkdir(temporary, { recursive: true });
  await plainTables("bronze.raw_trips", "bronze.raw_trips_dlq", "silver.cleaned_trips");
  const files = { bronze: join(temporary, "bronze.sql"), silver: join(temporary, "silver.sql") };
  await writeFile(files.silver, await plainSql("06_silver"));
  return files;
}

async function plainSql(name) {
  const parts = await Promise.all(["00_catalog", "01_source", name].map(rendered));
  return parts
    .join("\n")
    .replace(/\/\*\+ OPTIONS\('(branch|snapshot-id|start-snapshot-id)'[^*]*\*\//g, "")
    .replace(/`(raw_trips|raw_trips_dlq|cleaned_trips)`/g, "`$1_plain`");
}
