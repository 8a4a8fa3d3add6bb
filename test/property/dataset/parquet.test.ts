import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTable } from "../../../src/dataset/inputs/parquet.js";
import { valueToken } from "../../../src/dataset/inputs/parquet-values.js";
import { pythonProgram } from "../../helpers/python.js";

const files = 60;
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1_000_000));
const script = join(import.meta.dirname, "parquet_files.py");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pipectl-parquet-"));
});
afterAll(() => rm(folder, { recursive: true }));

test(`Parquet files of PyArrow are read value by value, whatever is in them (CHAOS_SEED=${seed})`, async () => {
  const python = await pythonProgram("pyarrow==26.0.1", "python");
  await execa(python, [script, "make", String(seed), String(files), folder]);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".parquet"));
  expect(names).toHaveLength(files);
  for (const name of names) await writeFile(join(folder, `${name}.jsonl`), await linesOf(join(folder, name)));
  const { stdout } = await execa(python, [script, "check", folder]);
  expect(stdout).toBe("");
});

/** A JSON array for each row. */
async function linesOf(path: string): Promise<string> {
  const { columns, slices } = await openTable(path);
  const tokens = columns.map((column) => valueToken(column, undefined));
  let lines = "";
  for await (const { rows } of slices())
    for (const row of rows) lines += `[${tokens.map((token, index) => token(row[index])).join(",")}]\n`;
  return Buffer.from(lines, "latin1").toString("utf8");
}
