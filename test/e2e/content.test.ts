import { beforeAll, expect, test } from "vitest";
import type { Ledger } from "../../src/pipeline/topic/generate.js";
import type { ValidateResult } from "../../src/pipeline/validate/result.js";
import { readTable } from "../helpers/iceberg.js";
import { consumeAll, produce } from "../helpers/kafka.js";
import { emptyStack, pipectl, pipectlJson } from "../helpers/stack.js";

const topic = "taxi.raw_trips";
beforeAll(emptyStack);

const trip = (flag: unknown, more: Record<string, unknown> = {}) =>
  Buffer.from(
    JSON.stringify({
      VendorID: 1,
      tpep_pickup_datetime: "2019-01-01 00:00:00",
      tpep_dropoff_datetime: "2019-01-01 00:10:00",
      trip_distance: 1.5,
      total_amount: 9.3,
      store_and_fwd_flag: flag,
      ...more,
    }),
  );

/** Values that templates, shells and SQL trip over; each must arrive as it is. */
const texts = [
  `it's "quoted" \`twice\``,
  "two\nlines\r\nand a tab\t",
  "日本語 🚕 naïve",
  "$" + "{HOME} {{handlebars}} $(id) %s",
  "'; DROP TABLE bronze.raw_trips; --",
  "x".repeat(1_000_000),
  "",
  "\u0000 null character",
];

/** Records that are no trip, each of another kind; the dead letter's reason must say so. */
const broken: readonly [name: string, value: Buffer | null, reason: RegExp][] = [
  ["a tombstone", null, /^tombstone/],
  ["an empty value", Buffer.alloc(0), /^empty/],
  ["text", Buffer.from("hello"), /^not_/],
  ["truncated JSON", trip("N").subarray(0, 60), /^not_json/],
  ["an array", Buffer.from("[{}]"), /^not_object/],
  ["two records in one", Buffer.concat([trip("N"), trip("N")]), /^trailing/],
  ["a word where a number belongs", trip("N", { total_amount: "abc" }), /total_amount/],
  ["a fraction where an integer belongs", trip("N", { VendorID: 1.5 }), /VendorID/],
  ["an impossible date", trip("N", { tpep_pickup_datetime: "2019-02-30 00:00:00" }), /tpep_pickup_datetime/],
  ["an object in a text", trip({ a: 1 }), /store_and_fwd_flag/],
  ["a field twice", Buffer.from('{"VendorID":1,"VendorID":2}'), /VendorID/],
  ["no field at all", Buffer.from("{}"), /no_known_field/],
  [
    "invalid UTF-8",
    Buffer.concat([Buffer.from('{"store_and_fwd_flag":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    /UTF-8/,
  ],
  ["a lone surrogate", Buffer.from('{"store_and_fwd_flag":"\\ud800"}'), /surrogate/],
];

test("every record is in bronze or in the dead letters, once, with its bytes", async () => {
  const key = Buffer.from("the key");
  await produce(topic, [
    ...texts.map((text) => ({ key: null, value: trip(text) })),
    { key: null, value: trip("N", { surge: 1.5, notes: { a: [1, 2] } }) },
    { key: null, value: trip(null) },
    { key: null, value: Buffer.from('{"nothing":1}') },
    ...broken.map(([, value]) => ({ key, value })),
  ]);
  const ledger = await pipectlJson<Ledger>(["generate", "--count", "2000", "--malformed", "0.2"]);
  await pipectlJson(["process"]);

  const sent = await consumeAll(topic);
  const bronze = await readTable("bronze.raw_trips", [
    "kafka_partition",
    "kafka_offset",
    "store_and_fwd_flag",
    "extra_fields",
  ]);
  const dlq = await readTable("bronze.raw_trips_dlq", [
    "kafka_partition",
    "kafka_offset",
    "raw_value",
    "kafka_key",
    "error",
  ]);
  const at = ([partition, offset]: readonly unknown[]) => `${partition}:${offset}`;
  expect([...bronze, ...dlq].map(at).sort()).toEqual(
    sent.map((record) => at([record.partition, record.offset])).sort(),
  );
  expect(dlq.length).toBe(broken.length + ledger.malformed);

  const flags = bronze.map((row) => row[2]);
  for (const text of texts)
    expect(flags.filter((flag) => flag === text).length, JSON.stringify(text.slice(0, 30))).toBe(1);
  // A record whose fields all have no column is a good one.
  const extras = bronze.map((row) => String(row[3])).filter((extra) => extra !== "null");
  expect(extras.sort()).toEqual(['{"nothing":1}', '{"surge":1.5,"notes":{"a":[1,2]}}']);

  const deadLetters = new Map(dlq.map((row) => [at(row), row]));
  for (const record of sent) {
    const deadLetter = deadLetters.get(at([record.partition, record.offset]));
    if (deadLetter === undefined) continue;
    expect(deadLetter[2]).toBe(record.value === null ? null : record.value.toString("base64"));
    expect(deadLetter[3]).toBe(record.key === null ? null : record.key.toString("base64"));
  }
  const ours = dlq.filter((row) => row[3] === key.toString("base64"));
  for (const [name, value, reason] of broken) {
    const found = ours.find((row) => row[2] === (value === null ? null : value.toString("base64")));
    expect(found?.[4], name).toMatch(reason);
  }

  const { stages } = await pipectlJson<ValidateResult>(["validate", "--deep"]);
  expect(stages.map(({ status }) => status)).toEqual([...Array(4).fill("pass"), "warn", "pass"]);
  // Some of the records above are the same trip, told differently.
  expect(stages[4]?.detail).toMatch(/of 1 key bronze has rows that differ: silver may have any of them/);
});

test("other tools see the progress, and check-lag what has not landed", async () => {
  await pipectlJson(["generate", "--count", "30", "--seed", "9"]);
  const lag = await pipectlJson<{ totalLag: number; totalUnlanded: number }>(["check-lag"]);
  expect(lag).toMatchObject({ totalLag: 30, totalUnlanded: 30 });
  const late = await pipectl(["validate", "--json"]);
  expect(late.exitCode).toBe(0);
  expect(JSON.parse(late.stdout)).toMatchObject({
    status: "warn",
    counts: { notLanded: 30, unaccounted: 0 },
  });
  await pipectlJson(["process-bronze"]);
  expect(await pipectlJson(["check-lag"])).toMatchObject({
    totalLag: 0,
    totalUnlanded: 0,
    totalLagSeconds: 0,
  });
});

test("query reads, and only reads", async () => {
  const result = await pipectlJson<{ rows: unknown[][] }>([
    "query",
    "SELECT COUNT(*) FROM bronze.raw_trips_dlq WHERE error LIKE 'tombstone%'",
  ]);
  expect(Number(result.rows[0]?.[0])).toBeGreaterThan(0);
  const write = await pipectl([
    "query",
    "INSERT INTO bronze.raw_trips_dlq SELECT * FROM bronze.raw_trips_dlq",
  ]);
  expect(write.exitCode).toBe(2);
  const wrong = await pipectl(["query", "SELECT * FROM bronze.nothing"]);
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain("not found");
});
