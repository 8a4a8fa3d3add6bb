import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, inject } from "vitest";
import { icebergCatalog, type TableId } from "../../src/iceberg/catalog.js";
import { projectRoot } from "./environment.js";
import { taxi } from "./workspace.js";

const folder = join(projectRoot, ".pipectl", "pyiceberg-0.10.0");
const python = join(folder, "bin", "python");
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A client of the tests' catalog, for what a test does behind pipectl's back. */
export const catalogClient = () =>
  icebergCatalog(`http://127.0.0.1:${inject("stack").CATALOG_PORT}`, new AbortController().signal);

/** The dataset's tables. */
export const tableIds = {
  bronze: { namespace: "bronze", table: "raw_trips" },
  dlq: { namespace: "bronze", table: "raw_trips_dlq" },
  silver: { namespace: "silver", table: "cleaned_trips" },
};

/** Takes every snapshot but the current one out of a table's metadata, as another tool's expiry may. */
export async function expireAllButTheLast({ namespace, table }: TableId): Promise<void> {
  const { snapshots = [], current } = (await catalogClient().table({ namespace, table })) ?? {};
  const others = snapshots.filter(({ id }) => id !== current?.id).map(({ id }) => id);
  // Ids are larger than the whole numbers of JavaScript, so they are written as text.
  const updates = `[{"action":"remove-snapshots","snapshot-ids":[${others.join(",")}]}]`;
  const url = `http://127.0.0.1:${inject("stack").CATALOG_PORT}/v1/namespaces/${namespace}/tables/${table}`;
  const { status } = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"requirements":[],"updates":${updates}}`,
  });
  expect(status).toBe(200);
}

/** PyIceberg in a virtual environment of the tests: reads the tables without a line of ours. */
function installed(): Promise<void> {
  // Two looks at once are one installation.
  installing ??= install();
  return installing;
}
let installing: Promise<void> | undefined;

async function install(): Promise<void> {
  if (existsSync(join(folder, "ready"))) return;
  await execa("python3", ["-m", "venv", folder]);
  await execa(python, ["-m", "pip", "install", "-q", "pyiceberg[pyarrow]==0.10.0", "pyarrow==26.0.1"]);
  await execa("touch", [join(folder, "ready")]);
}

/** A Python that has PyArrow. */
export async function pythonOfReader(): Promise<string> {
  await installed();
  return python;
}

type Reader = ReturnType<typeof startReader>;
let reader: Reader | undefined;

/** One for all looks of a test file; it ends with the worker that it was started for. */
function startReader() {
  const child = spawn(python, [script("read_lake.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the reader of the tests ended with ${code}`)));
  });
  ended.catch(() => {});
  for (const part of [child, child.stdin, child.stdout]) (part as unknown as { unref?(): void }).unref?.();
  // One after the other: answers come in the order of the questions.
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (question: unknown): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value } = (await Promise.race([answers.next(), ended])) as { value: string };
    const { result, error } = JSON.parse(value) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  };
  return {
    ask: async (question: unknown): Promise<unknown> => {
      const answer = last.then(() => ask(question));
      last = answer.catch(() => {});
      return await answer;
    },
  };
}

/** What test/helpers/read_lake.py answers. */
async function pyiceberg<T>(
  what: "table" | "silver" | "change" | "dead_letter_instead",
  args: readonly unknown[],
  {
    uri = `http://127.0.0.1:${inject("stack").CATALOG_PORT}`,
    ...properties
  }: Readonly<Record<string, string>>,
): Promise<T> {
  await installed();
  reader ??= startReader();
  return (await reader.ask({ what, uri, properties, args })) as T;
}

/** All rows of a table, the given columns, as PyIceberg reads them; `properties` of the catalog say how it reaches the files, and with `uri` which one it is. */
export async function readTable(
  table: string,
  columns: readonly string[],
  properties: Readonly<Record<string, string>> = {},
): Promise<unknown[][]> {
  return await pyiceberg("table", [table, columns], properties);
}

/** Where a row stands: its Kafka partition and offset. */
type Place = readonly [partition: number, offset: number];

/** PyIceberg changes a value of a row, as any program may. @returns the value of before */
export const changeValue = async (
  table: string,
  place: Place,
  column: string,
  value: unknown,
): Promise<unknown> => await pyiceberg("change", [table, place, column, value], {});

/** PyIceberg deletes a good row, and writes a dead letter of its place. */
export const putDeadLetterInstead = async (place: Place): Promise<unknown> =>
  await pyiceberg("dead_letter_instead", ["bronze.raw_trips", "bronze.raw_trips_dlq", place], {});

/** Silver has each good row of bronze once, whatever was sent twice, and nothing else. @returns its rows */
export async function expectExactSilver(properties: Readonly<Record<string, string>> = {}): Promise<number> {
  const names = Object.fromEntries(
    taxi.columns.flatMap(({ name, silver }) => (silver === null ? [] : [[name, silver]])),
  );
  const found = await pyiceberg<Record<string, number>>("silver", [names], properties);
  const { expected = 0 } = found;
  expect(found).toEqual({ rows: expected, ids: expected, missing: 0, foreign: 0, expected });
  return expected;
}

/** Every row of silver, as PyIceberg reads it, as text and sorted. */
export async function silverRows(): Promise<string[]> {
  const columns = (await catalogClient().table(tableIds.silver))?.schema.fields.map(({ name }) => name) ?? [];
  return (await readTable("silver.cleaned_trips", columns)).map((row) => JSON.stringify(row)).sort();
}
