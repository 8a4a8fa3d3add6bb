import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import type { InferResult } from "../../src/pipeline/dataset/infer-manifest.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { expectExactAccount } from "../helpers/account.js";
import { projectRoot } from "../helpers/environment.js";
import { temporaryFolder } from "../helpers/folder.js";
import { pythonOfReader, readTable } from "../helpers/iceberg.js";
import { createTopic, produce } from "../helpers/kafka.js";
import { emptyStack, pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

const realFile = join(projectRoot, "..", "shared", "data", "taxi-2019", "yellow_2019-02.csv.gz");
const folder = temporaryFolder("pipectl-dataset-");
let root: string;
beforeAll(async () => {
  await emptyStack();
  root = await projectCopy(join(folder, "project"));
});

const env = { SUBMIT_VIA: "gateway" };
const json = async <T>(...args: string[]) => await pipectlJson<T>(args, { env, root });
const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

/** From an input to a silver that validates, with no edit in between. */
async function toSilver(name: string, input: string, dead = 0): Promise<InferResult> {
  // As a user has it who has named the dataset in .env already.
  const inferred = await pipectlJson<InferResult>(["dataset", "infer", input, "--name", name], {
    ...{ env: { ...env, DATASET: name }, root },
  });
  const run = async <T>(...args: string[]) => await json<T>("--dataset", name, ...args);
  await run("create-topics");
  if (!input.startsWith("topic:")) await run("generate", input);
  await run("process");
  const { status, counts, stages } = await run<ValidateResult>("validate", "--deep");
  expect(stages.filter((stage) => stage.status !== "pass")).toEqual([]);
  const topic = input.startsWith("topic:") ? input.slice("topic:".length) : `${name}.raw`;
  const tables = { topic, bronze: `bronze.${name}`, dlq: `bronze.${name}_dlq` };
  const account = await expectExactAccount({}, undefined, tables);
  expect([status, counts]).toMatchObject(["pass", { ...account, unaccounted: 0, dlq: dead }]);
  return inferred;
}
const silverOf = async (name: string, ...columns: string[]) => await readTable(`silver.${name}`, columns);
/** The same rows, each as often; of thousands that differ nobody could read all. */
function expectSameRows(found: readonly unknown[], expected: readonly unknown[]): void {
  const texts = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
  const [left, right] = [texts(found), texts(expected)];
  const at = left.findIndex((text, i) => text !== right[i]);
  expect([left.length, at < 0 ? "" : left[at]]).toEqual([right.length, at < 0 ? "" : right[at]]);
}

describe("from a file to validated silver without an edit", () => {
  test("a wide CSV: 200 columns with odd names, a byte order mark, CRLF, semicolons", async () => {
    const odd = [
      "Id",
      "order by",
      "2nd",
      "größe",
      "größe!",
      "a`b",
      "select",
      "Amount (€)",
      "ID 2",
      "kafka_partition",
    ];
    const names = [...odd, ...Array.from({ length: 190 }, (_, i) => `c${i}`)];
    const rows = Array.from({ length: 500 }, (_, n) =>
      names.map((_name, i) => {
        if (i === 0) return String(9007199254740993n + BigInt(n));
        if (i === 1) return n % 3 === 0 ? '""' : n % 3 === 1 ? "" : '"a;""b"""';
        if (i === 2) return `${n}1234567890123456789012345678901234.5`.slice(-38);
        if (i === 7) return `${n}.25`;
        return i % 3 === 0 ? "" : `v${n % 5}`;
      }),
    );
    const text = [names, ...rows].map((row) => row.join(";")).join("\r\n");
    const { columns, naturalKey } = await toSilver("wide", file("wide.csv", `\uFEFF${text}\r\n`));
    // For the one that pipectl itself has a column of that name for there is extra_fields.
    expect([columns.length, naturalKey]).toEqual([199, ["Id"]]);
    const expected = rows.map((row) =>
      columns.map(({ source, type }) => {
        const text = row[names.indexOf(source)] as string;
        if (text === "") return null;
        if (text.startsWith('"')) return text.slice(1, -1).replaceAll('""', '"');
        return type === "DOUBLE" ? Number(text) : text;
      }),
    );
    expectSameRows(await silverOf("wide", ...columns.map(({ silver }) => silver)), expected);
    const kept = await readTable("bronze.wide", ["Id", "extra_fields"]);
    expectSameRows(
      kept,
      rows.map((row) => [
        row[0],
        row[9] === "" ? '{"kafka_partition":null}' : JSON.stringify({ kafka_partition: row[9] }),
      ]),
    );
  });

  test("nested JSON lines with arrays, and records that do not fit", async () => {
    const records = Array.from({ length: 600 }, (_, n) => ({
      event: { id: `e${n}`, at: `1969-12-31T23:59:59.${String(n).padStart(6, "0")}Z` },
      tags: Array.from({ length: n % 4 }, (_, i) => (i === 2 ? null : `t${i}`)),
      lines: [{ sku: "a", price: n / 8, "unit price": { currency: "€" } }, {}],
      big: 2 ** 53 + 2 + 2 * n,
      ...(n % 2 === 0 ? { note: "" } : {}),
    }));
    const broken = ['{"event":', "no JSON"];
    const lines = [...records.map((record) => JSON.stringify(record)), ...broken];
    await toSilver("nested", file("nested.jsonl", `${lines.join("\n")}\n`), 2);
    const rows = await silverOf("nested", "event", "tags", "lines", "big", "note");
    expectSameRows(
      rows,
      records.map(({ event, tags, lines: [first], big, note = null }) => [
        { id: event.id, at: event.at.replace("T", " ").replace(".000000", "").replace("Z", "+00:00") },
        tags,
        [first, { sku: null, price: null, "unit price": null }],
        String(big),
        note,
      ]),
    );
  });

  test("Parquet with decimals and timestamps, as PyArrow writes it", async () => {
    const path = join(folder, "numbers.parquet");
    const program = `
import datetime, decimal, sys
import pyarrow as pa, pyarrow.parquet as pq
n = range(400)
pq.write_table(pa.table({
    "id": pa.array([2**63 - 1 - i for i in n], pa.int64()),
    "price": pa.array([decimal.Decimal(i).scaleb(-2) for i in n], pa.decimal128(38, 2)),
    "local": pa.array([datetime.datetime(1950, 1, 1, 1, 2, 3, i) for i in n], pa.timestamp("us")),
    "zoned": pa.array([datetime.datetime(2026, 1, 1, 1, 2, 3, i * 1000) for i in n], pa.timestamp("ms", tz="Europe/Berlin")),
    "day": pa.array([datetime.date(1900, 1, 1) for i in n]),
    "maybe": pa.array([None if i % 2 else "" for i in n]),
}), sys.argv[1], compression="zstd")`;
    await execa(await pythonOfReader(), ["-c", program, path]);
    await toSilver("numbers", path);
    const rows = await silverOf("numbers", "id", "price", "local", "zoned", "day", "maybe");
    expectSameRows(
      rows.map((row) => row.slice(1)),
      Array.from({ length: 400 }, (_, i) => [
        (i / 100).toFixed(2),
        `1950-01-01 01:02:03${i === 0 ? "" : `.${String(i).padStart(6, "0")}`}`,
        `2026-01-01 01:02:03${i === 0 ? "" : `.${String(i * 1000).padStart(6, "0")}`}+00:00`,
        "1900-01-01",
        i % 2 ? null : "",
      ]),
    );
  });

  test("a topic that another program has filled", async () => {
    const records = Array.from({ length: 300 }, (_, n) => ({ sensor: n % 7, reading: n / 4, n }));
    await createTopic("sensors.raw", 2);
    await produce(
      "sensors.raw",
      records.map((record) => ({ value: Buffer.from(JSON.stringify(record)) })),
    );
    await toSilver("sensors", "topic:sensors.raw");
    expectSameRows(await silverOf("sensors", "sensor", "reading", "n"), records.map(Object.values));
  });
});

test.skipIf(!existsSync(realFile))(
  "a real file infers to what the hand-written taxi manifest makes of it, row by row",
  async () => {
    await pipectlJson(["generate", realFile]);
    await pipectlJson(["process"], { env });
    await toSilver("trips", realFile);
    const columns = [
      "vendor_id",
      "pickup_datetime",
      "dropoff_datetime",
      "passenger_count",
      "trip_distance",
    ].concat(
      ["rate_code_id", "store_and_fwd_flag", "pickup_location_id", "dropoff_location_id", "payment_type"],
      ["fare_amount", "extra", "mta_tax", "tip_amount", "tolls_amount", "improvement_surcharge"],
      ["congestion_surcharge", "total_amount"],
    );
    const byHand = await readTable("silver.cleaned_trips", columns);
    // Which trips are none, only a person knows: the filters of taxi.yml.
    const inferred = (await silverOf("trips", ...columns)).filter(
      (row) => Number(row.at(-1)) > 0 && Number(row[4]) >= 0 && row[1] !== null && row[2] !== null,
    );
    expect(byHand.length).toBeGreaterThan(9_900);
    expectSameRows(inferred, byHand);
  },
);

test("what is there is never written over, and a manifest that is wrong changes nothing", async () => {
  const again = await pipectl(["dataset", "infer", file("x.csv", "a,b\n1,2\n"), "--name", "wide"], { root });
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining("wide.yml")]);
  mkdirSync(join(folder, "kept"), { recursive: true });
  const manifest = join(root, "datasets", "sensors.yml");
  const before = readFileSync(manifest, "utf8");
  copyFileSync(manifest, join(folder, "kept", "sensors.yml"));
  // Narrower, and one column less.
  writeFileSync(
    manifest,
    before.replace(/ {2}- name: sensor\n(?: {4}.*\n)+/, "").replace("type: DOUBLE", "type: FLOAT"),
  );
  const args = ["--dataset", "sensors"];
  const diff = await pipectl([...args, "dataset", "diff"], { root });
  expect([diff.exitCode, diff.stdout]).toEqual([1, expect.stringMatching(/sensor {2}refused/)]);
  for (const command of [["dataset", "apply"], ["process"]]) {
    const { exitCode, stdout } = await pipectl([...args, ...command, "--json"], { root, env });
    expect([command, exitCode]).toEqual([command, 1]);
    expect(["change_refused", "table_differs"]).toContain(JSON.parse(stdout).error.code);
  }
  copyFileSync(join(folder, "kept", "sensors.yml"), manifest);
  expect((await json<ValidateResult>(...args, "validate", "--deep")).status).toBe("pass");
});
