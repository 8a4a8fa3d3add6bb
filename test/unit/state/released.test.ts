import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accountIn, accountProperty, recordedAccount } from "../../../src/ledger/account.js";
import { recordedSilver, silverIn, silverProperty } from "../../../src/ledger/silver-state.js";
import { recordedTopic, type TopicMark, topicIn, topicProperty } from "../../../src/ledger/topic-mark.js";
import {
  acceptedIn,
  acceptedProperty,
  recordedAcceptances,
} from "../../../src/pipeline/dead-letters/acceptances.js";
import type { Mart } from "../../../src/pipeline/marts/mart.js";
import { martIn, martProperty, recordedMart } from "../../../src/pipeline/marts/mart-state.js";
import { root } from "../../helpers/folder.js";
import { problemOf } from "../../helpers/problem.js";
import { icebergTable } from "../../helpers/tables.js";
import { taxi } from "../../helpers/workspace.js";

/**
 * One file for each shape that a version of pipectl has written: the kind of record, its version, the commit that wrote it
 * first, and what is special about it. A file is never changed or taken away: tables have such records.
 */
const daily: Mart = {
  name: "daily",
  file: "marts/daily.sql",
  line: 1,
  table: { namespace: "gold", table: "daily", qualified: "gold.daily" },
  description: "",
  sql: "SELECT 1",
  bare: "SELECT 1",
  notes: [],
};
const folder = join(root, "test/unit/state/samples");
const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));
const textOf = (name: string) => readFileSync(join(folder, `${name}.json`), "utf8");
const samplesOf = (kind: string) => names.filter((name) => name.startsWith(`${kind}-`));
type Json = Record<string, unknown>;
const jsonOf = (name: string) => JSON.parse(textOf(name)) as Json;

/** How a kind of record is read from its table, written, and refused; `newest` is a sample of today's version. */
const kinds = [
  {
    kind: "account",
    newest: "account-5-values",
    code: "account_untrusted",
    hint: "pipectl repair",
    read: (text: string) => recordedAccount(icebergTable([], { properties: { [accountProperty]: text } })),
    write: (record: unknown) =>
      accountIn(record as Parameters<typeof accountIn>[0])[accountProperty] as string,
  },
  {
    kind: "topic",
    newest: "topic-1-first",
    code: "account_untrusted",
    hint: "pipectl process",
    read: (text: string) => recordedTopic(icebergTable([], { properties: { [topicProperty]: text } })),
    write: (record: unknown) => topicIn(record as TopicMark)[topicProperty] as string,
  },
  {
    kind: "silver",
    newest: "silver-1-c90ce6f-stream",
    code: "silver_untrusted",
    hint: "pipectl process-silver",
    read: (text: string) => recordedSilver(icebergTable([], { properties: { [silverProperty]: text } })),
    write: (record: unknown) => silverIn(record as Parameters<typeof silverIn>[0])[silverProperty] as string,
  },
  {
    kind: "mart",
    newest: "mart-1-c391a76",
    code: "mart_table_taken",
    hint: "-- table: namespace.table",
    read: (text: string) =>
      recordedMart(icebergTable([], { properties: { [martProperty]: text } }), taxi, daily),
    write: (record: unknown) => martIn(record as Parameters<typeof martIn>[0])[martProperty] as string,
  },
  {
    kind: "acceptances",
    newest: "acceptances-2-incarnation",
    code: "acceptances_untrusted",
    hint: "pipectl dlq accept --revoke",
    read: (text: string) =>
      recordedAcceptances(icebergTable([], { properties: { [acceptedProperty]: text } })),
    write: (record: unknown) =>
      acceptedIn(record as Parameters<typeof acceptedIn>[0])[acceptedProperty] as string,
  },
];

/** What versions of before called an epoch. */
const underNamesOfNow = (value: unknown) =>
  JSON.parse(JSON.stringify(value).replaceAll('"epoch":', '"incarnation":')) as unknown;

const line = {
  incarnation: 0,
  partition: 0,
  first: 0,
  next: 350,
  bronze: 330,
  dlq: 10,
  withoutRecord: 0,
  lost: 0,
};

describe("records that a released version has written", () => {
  it("are all tried here", () => {
    const tried = kinds.flatMap(({ kind }) => samplesOf(kind));
    // The record of runs is a file: run-record.test.ts.
    expect([...tried, ...samplesOf("run-record")].sort()).toEqual(names.sort());
  });

  it.each(kinds.flatMap((kind) => samplesOf(kind.kind).map((name) => ({ ...kind, name }))))(
    "$name is read, and stays what it is when it is written again",
    ({ name, read, write }) => {
      const record = read(textOf(name));
      const written = write(record);
      expect(read(written)).toEqual(record);
      expect(write(read(written))).toBe(written);
      // Nothing that it said is lost on the way up.
      const said = underNamesOfNow(jsonOf(name)) as Json;
      expect(record).toMatchObject({ ...said, version: (record as unknown as Json).version });
    },
  );

  it("account 1 becomes one of a single incarnation without loss, of a topic whose id nobody knows", () => {
    const lines = [
      { ...line, next: 340, skipped: 0 },
      { ...line, partition: 1, first: 12, next: 333, bronze: 321, dlq: 0, skipped: 0 },
    ];
    const account = kinds[0]?.read(textOf("account-1-f684420"));
    expect(account).toMatchObject({ version: 5, topicId: null, partitions: lines });
  });

  it("account 2 becomes one without a stream, which has skipped nothing", () => {
    const account = kinds[0]?.read(textOf("account-2-636fb4c"));
    const second = {
      ...line,
      incarnation: 1,
      next: 50,
      bronze: 40,
      dlq: 2,
      withoutRecord: 3,
      lost: 5,
      skipped: 0,
    };
    expect(account).toMatchObject({ version: 5, partitions: [{ ...line, next: 340, skipped: 0 }, second] });
    expect(account).not.toHaveProperty("stream");
  });
});

describe.each(kinds)("a record of kind $kind", ({ newest, code, hint, read, write }) => {
  const sample = jsonOf(newest);

  it("of a newer version is refused, whatever it looks like", async () => {
    for (const text of [{ ...sample, version: 99 }, { version: 98 }].map((one) => JSON.stringify(one))) {
      const error = await problemOf(() => read(text));
      expect(error).toMatchObject({ kind: "failed", code: "state_newer" });
      expect(error.message).toContain("made by a newer pipectl: upgrade");
    }
  });

  it("keeps what it does not know of the same version", () => {
    const record = read(JSON.stringify({ ...sample, later: { a: [1] } }));
    expect(JSON.parse(write(record))).toMatchObject({ ...sample, later: { a: [1] } });
  });

  it.each([
    ["nothing", ""],
    ["cut off", textOf(newest).slice(0, -20)],
    ["no object", "[]"],
    ["null", "null"],
    ["another kind of object", "{}"],
    ["without a version", JSON.stringify({ ...sample, version: undefined })],
    ["of a version that never was", JSON.stringify({ ...sample, version: 0 })],
    ["of a version that is no number", JSON.stringify({ ...sample, version: "3" })],
    ["of half a version", JSON.stringify({ ...sample, version: 0.5 })],
    ...Object.keys(sample)
      .filter((key) => key !== "version")
      .map((key) => [`with a ${key} of another type`, JSON.stringify({ ...sample, [key]: { no: 1 } })]),
  ])("%s is damaged, and says the way back", async (_what, text) => {
    const error = await problemOf(() => read(text));
    expect(error).toMatchObject({ kind: "failed", code });
    expect(error.message).toContain("is damaged: ");
    expect(error.hint).toContain(hint);
  });

  it("that could not be read again is not written", () => {
    expect(() => write({ ...(read(textOf(newest)) as object), version: 98 })).toThrow();
  });
});

describe("an account whose numbers cannot be", () => {
  const account = jsonOf("account-4-incarnation");
  const [first] = account.partitions as Json[];

  it.each([
    ["a negative count", [{ ...first, bronze: -1 }], "partitions.0.bronze: "],
    ["half an offset", [{ ...first, next: 1.5 }], "partitions.0.next: "],
    ["an offset that is no longer exact", [{ ...first, next: 2 ** 53 }], "partitions.0.next: "],
    ["a number as text", [{ ...first, dlq: "1" }], "partitions.0.dlq: "],
    ["a term that is missing", [{ ...first, lost: undefined }], "partitions.0.lost: "],
    ["a partition that is there twice", [first, first], "partitions.1: is there twice"],
    ["an end before its beginning", [{ ...first, first: 400 }], "partitions.0: ends before it begins"],
    [
      "an incarnation to come",
      [{ ...first, incarnation: 1 }],
      "partitions.0: is of an incarnation that has not begun",
    ],
  ])("is damaged: %s", async (_what, partitions, why) => {
    const error = await problemOf(() => kinds[0]?.read(JSON.stringify({ ...account, partitions })));
    expect(error.code).toBe("account_untrusted");
    expect(error.message).toContain(why);
  });
});
