import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StatusResult } from "../../src/pipeline/stack/stack.js";
import type { Ledger } from "../../src/pipeline/topic/generate.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { consumeAll } from "../helpers/kafka.js";
import { emptyStack, interrupted, pipectl, pipectlJson, projectCopy } from "../helpers/stack.js";

const topic = "taxi.raw_trips";
const folder = mkdtempSync(join(tmpdir(), "pipectl-failures-"));
afterAll(async () => await rm(folder, { recursive: true, force: true }));
const counts = async () =>
  JSON.parse((await pipectl(["validate", "--json"])).stdout).counts as ValidateResult["counts"];

describe("with records waiting", () => {
  beforeAll(async () => {
    await emptyStack();
    await pipectlJson(["generate", "--count", "2000", "--malformed", "0.01"]);
    await pipectlJson(["process"]);
    await pipectlJson(["generate", "--count", "1000", "--seed", "2"]);
  });

  test("a SQL error in a template names the file and the line, and changes nothing", async () => {
    const before = await counts();
    const copy = await projectCopy(join(folder, "bad-template"));
    const template = join(copy, "templates", "06_silver.sql.tmpl");
    const partial = join(copy, "templates", "partials", "bronze_inserts.sql.tmpl");
    writeFileSync(partial, readFileSync(partial, "utf8").replace("  kafka_timestamp,", "  no_such_column,"));
    const bronze = await pipectl(["process"], { root: copy });
    expect(bronze.exitCode).toBe(1);
    expect(bronze.stderr).toMatch(/build\/sql\/05_bronze\.sql:\d+: .*no_such_column/s);
    const rendered = readFileSync(join(copy, "build", "sql", "05_bronze.sql"), "utf8").split("\n");
    const line = Number(/05_bronze\.sql:(\d+)/.exec(bronze.stderr)?.[1]);
    expect(rendered[line - 1]).toContain("no_such_column");
    expect(await counts()).toEqual(before);

    appendFileSync(template, "{{#if}}");
    const broken = await pipectl(["build-sql"], { root: copy });
    expect(broken.exitCode).toBe(2);
    expect(broken.stderr).toContain("06_silver.sql.tmpl");
  });

  test("a job that fails exits 1 with the value that it fails on, and publishes nothing", async () => {
    const before = await counts();
    const copy = await projectCopy(join(folder, "bad-job"));
    const manifest = join(copy, "datasets", "taxi.yml");
    // Parses and plans, and fails on the first row.
    writeFileSync(
      manifest,
      readFileSync(manifest, "utf8").replace(
        "- trip_distance >= 0",
        "- CAST(CONCAT(store_and_fwd_flag, 'x') AS INT) > 0",
      ),
    );
    const { exitCode, stderr } = await pipectl(["process-silver"], { root: copy });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/the filter CAST\(CONCAT\(.*: '[YN]x' is no INT \(partition \d, offset \d+\)/);
    expect(stderr.split("\n").length).toBeLessThan(15);
    expect((await counts())?.silver).toBe(before?.silver);
  });

  test("Ctrl-C cancels the job, publishes nothing, and the next run is exact", async () => {
    const before = await counts();
    const { exitCode, seen } = await interrupted(["process"], /job [0-9a-f]{32}/);
    expect(seen).toBe(true);
    expect(exitCode).toBe(130);
    expect(await counts()).toEqual(before);
    const { jobs } = await pipectlJson<StatusResult>(["status"]);
    expect(jobs).toEqual([]);
    // Also while the statement is being planned: its job would come after the look for it.
    expect(await interrupted(["process"], /new records/)).toMatchObject({ seen: true, exitCode: 130 });
    expect((await pipectlJson<StatusResult>(["status"])).jobs).toEqual([]);
    await pipectlJson(["process"]);
    expect(await pipectlJson<ValidateResult>(["validate", "--deep"])).toMatchObject({
      status: "pass",
      counts: { produced: 3000, notLanded: 0, unaccounted: 0 },
    });
  });
});

describe("bad input", () => {
  const header = "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime";
  const write = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const whole = gzipSync("a,b\n".repeat(10_000));
  const cases: [string, () => string, RegExp][] = [
    ["a missing file", () => join(folder, "nowhere.csv"), /nowhere\.csv/],
    ["an empty file", () => write("empty.csv", ""), /empty/],
    [
      "a missing column",
      () => write("short.csv", `${header}\n1,2019-01-01 00:00:00,2019-01-01 00:01:00\n`),
      /total_amount/,
    ],
    ["a truncated gzip", () => write("cut.csv.gz", whole.subarray(0, whole.length - 30)), /cut\.csv\.gz/],
    ["a CSV called Parquet", () => write("trips.parquet", `${header}\n`), /trips\.parquet/],
    ["a gzip called CSV", () => write("trips.csv", whole), /gzip/i],
  ];

  test.each(cases)("%s: one clear error, exit 2, nothing sent", async (_name, file, message) => {
    const before = (await consumeAll(topic)).length;
    const { exitCode, stderr, stdout } = await pipectl(["generate", file()]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect((await consumeAll(topic)).length).toBe(before);
  });

  test("a good file beside a bad one: nothing of either is sent", async () => {
    const before = (await consumeAll(topic)).length;
    const good = write("good.jsonl", '{"VendorID":1,"tpep_pickup_datetime":"2019-01-01 00:00:00"}\n');
    const { exitCode } = await pipectl(["generate", good, join(folder, "empty.csv")]);
    expect(exitCode).toBe(2);
    expect((await consumeAll(topic)).length).toBe(before);
  });

  test("Ctrl-C in generate leaves a ledger that is true", async () => {
    const before = (await consumeAll(topic)).length;
    const { exitCode, stdout, seen } = await interrupted(
      ["generate", "--count", "5000000", "--json"],
      /records/,
    );
    expect(seen).toBe(true);
    expect(exitCode).toBe(130);
    const ledger = JSON.parse(stdout) as Ledger;
    expect(ledger.interrupted).toBe(true);
    expect((await consumeAll(topic)).length - before).toBe(ledger.sent);
  });
});
