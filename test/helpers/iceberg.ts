import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { inject } from "vitest";
import { icebergCatalog } from "../../src/iceberg/catalog.js";
import { projectRoot } from "./environment.js";

const folder = join(projectRoot, ".pipectl", "pyiceberg-0.10.0");
const python = join(folder, "bin", "python");
const script = fileURLToPath(new URL("read_table.py", import.meta.url));

/** A client of the tests' catalog, for what a test does behind pipectl's back. */
export const catalogClient = () =>
  icebergCatalog(`http://127.0.0.1:${inject("stack").CATALOG_PORT}`, new AbortController().signal);

/** The dataset's tables. */
export const tableIds = {
  bronze: { namespace: "bronze", table: "raw_trips" },
  dlq: { namespace: "bronze", table: "raw_trips_dlq" },
  silver: { namespace: "silver", table: "cleaned_trips" },
};

/** PyIceberg in a virtual environment of the tests: reads the tables without a line of ours. */
async function installed(): Promise<void> {
  if (existsSync(join(folder, "ready"))) return;
  await execa("python3", ["-m", "venv", folder]);
  await execa(python, ["-m", "pip", "install", "-q", "pyiceberg[pyarrow]==0.10.0", "pyarrow==26.0.1"]);
  await execa("touch", [join(folder, "ready")]);
}

/** All rows of a table, the given columns, as PyIceberg reads them; `properties` of the catalog say how it reaches the files. */
export async function readTable(
  table: string,
  columns: readonly string[],
  properties: Readonly<Record<string, string>> = {},
): Promise<unknown[][]> {
  await installed();
  const uri = `http://127.0.0.1:${inject("stack").CATALOG_PORT}`;
  const { stdout } = await execa(python, [script, uri, table, columns.join(",")], {
    env: { CATALOG_PROPERTIES: JSON.stringify(properties) },
    maxBuffer: 1_000_000_000,
  });
  return JSON.parse(stdout) as unknown[][];
}

/** Every row of silver, as PyIceberg reads it, as text and sorted. */
export async function silverRows(): Promise<string[]> {
  const columns = (await catalogClient().table(tableIds.silver))?.columns ?? [];
  return (await readTable("silver.cleaned_trips", columns)).map((row) => JSON.stringify(row)).sort();
}
