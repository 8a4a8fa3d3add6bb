import { describe, expect, it } from "vitest";
import { problemOf } from "../../../helpers/problem.js";
import { planned, reasonOf, typesOf } from "./planned.js";

const lines = (...records: unknown[]) => `${records.map((record) => JSON.stringify(record)).join("\n")}\n`;
/** The type of a field with these values, given as JSON. */
const typeOf = async (...values: string[]) => {
  const plan = await planned(values.map((value) => `{"c":${value}}\n`).join(""));
  return typesOf(plan).c ?? `left out: ${reasonOf(plan, "c")}`;
};

describe("types of JSON fields", () => {
  it.each([
    ["INT", ["1", "null", "-5"]],
    ["BIGINT", ["9007199254740993"]],
    ["DECIMAL(38, 0)", ["12345678901234567890"]],
    ["DOUBLE", ["1", "2.5"]],
    ["DOUBLE", ["1e5"]],
    ["DECIMAL(19, 2)", ["12345678901234567.25"]],
    ["BOOLEAN", ["true", "false"]],
    ["STRING", ['"a"', "1", "true"]],
    ["STRING", ['"12"']],
    ["STRING", ['"true"']],
    ["STRING", ["null"]],
    ["DATE", ['"2024-01-01"']],
    ["TIMESTAMP(6)", ['"2024-01-01T10:00:00"']],
    ["TIMESTAMP_LTZ(6)", ['"2024-01-01T10:00:00Z"']],
    ["TIMESTAMP(6)", ['"2024-01-01T10:00:0\\u0030"']],
    ["ARRAY<INT>", ["[1,2]", "[]", "null"]],
    ["ARRAY<STRING>", ["[]"]],
    ["ARRAY<STRING>", ["[null]"]],
    ["ARRAY<ARRAY<DOUBLE>>", ["[[1],[2.5]]"]],
    ["ARRAY<ROW<`a` INT, `b` STRING>>", ['[{"a":1}]', '[{"b":"x"}]']],
    ["ROW<`a` INT, `b c` ROW<`d` BOOLEAN>>", ['{"a":1}', '{"b c":{"d":true}}', '{"a":null}']],
    ["ROW<`a``b` INT>", ['{"a`b":1}']],
    ["MAP<STRING, STRING>", ["{}"]],
    ["MAP<STRING, INT>", ['{"a.b":1}', '{"c":2}']],
    ["MAP<STRING, INT>", ['{"a":1,"A":2}']],
    ["left out: objects as well as plain values: no type takes both", ["1", '{"a":1}']],
    ["left out: arrays as well as plain values: no type takes both", ['"x"', "[1]"]],
    ["left out: arrays of objects as well as plain values: no type takes both", ['[1,{"a":1}]']],
    [
      'left out: objects whose field "a" holds objects as well as arrays: no type takes both',
      ['{"a":{"b":1}}', '{"a":[1]}'],
    ],
    ["left out: nested too deep", [`${"[".repeat(40)}${"]".repeat(40)}`]],
  ])("%s from %j", async (type, values) => {
    expect(await typeOf(...values)).toBe(type);
  });

  it("takes keys for data when there are many and each is rare, in whatever number", async () => {
    for (const count of [10, 500]) {
      const records = Array.from({ length: count }, (_, n) => ({
        id: n,
        by: { [`k${n * 3}`]: n, [`k${n * 3 + 1}`]: 1.5, [`k${n * 3 + 2}`]: null },
      }));
      expect(typesOf(await planned(lines(...records))).by).toBe("MAP<STRING, DOUBLE>");
    }
    // Every object has them all.
    const wide = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, n]));
    expect(await typeOf(JSON.stringify(wide))).toMatch(/^ROW<`f0` INT, /);
    // One object alone with more keys than memory should hold.
    const huge = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, n]));
    expect(await typeOf(JSON.stringify(huge), JSON.stringify(huge))).toBe("MAP<STRING, INT>");
  });

  it("says which fields not every record has", async () => {
    const plan = await planned('{"a":1,"b":null}\n{"b":2,"a":1}\n{"a":3,"c":1}\n');
    expect(plan.columns.map(({ source, isOptional, nulls }) => [source, isOptional, nulls])).toEqual([
      ["a", false, 0],
      ["b", true, 2],
      ["c", true, 2],
    ]);
  });
});

describe("JSON records", () => {
  it("that would be dead letters are counted, and widen no type", async () => {
    const broken = [
      '{"a":"x","a":1}',
      '{"a":"\\ud800"}',
      '{"\\ud800":1}',
      '{"a":{"b":1,"b":2}}',
      `{"a":${"1".repeat(1001)}}`,
      '{"a":1',
      "[1]",
      "5",
      "{}",
      '{"a":1}{"a":2} oops',
    ];
    const plan = await planned(`{"a":1}\n${broken.join("\n")}\n{"a":2}\n`);
    expect(typesOf(plan)).toEqual({ a: "INT" });
    expect(plan.records).toBe(2);
    expect(plan.notes[0]).toContain("10 records cannot be read");
    const invalid = Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    const other = await planned(invalid);
    expect(typesOf(other)).toEqual({ a: "INT" });
    expect(other.notes.at(-1)).toBe(
      "some records are no UTF-8, but probably ISO-8859-1: convert them with iconv -f ISO-8859-1 -t UTF-8 FILE",
    );
  });

  it("may stand in an array, or have several lines", async () => {
    const text = JSON.stringify([{ a: 1 }, { a: 2.5 }], undefined, 2);
    expect(typesOf(await planned(text))).toEqual({ a: "DOUBLE" });
    expect(typesOf(await planned('{\n "é\\"": 1\n}\n{\n "é\\"": "x"\n}'))).toEqual({ 'é"': "STRING" });
  });

  it("are refused when an array is cut off, or their fields have no end", async () => {
    expect((await problemOf(() => planned('[{"a":1},\n{"a":2}'))).message).toContain("cut off");
    const wide = Array.from({ length: 2100 }, (_, n) => ({ [`c${n}`]: 1 }));
    expect(await problemOf(() => planned(lines(...wide)))).toMatchObject({ code: "too_many_columns" });
  });
});

describe("records with very many values", () => {
  const many = Array.from({ length: 30_000 }, (_, n) => n);

  it("are seen to their end, and count only as a whole", async () => {
    const good = `{"a":${JSON.stringify([...many, 0.5])},"b":1}\n`;
    expect(typesOf(await planned(good + good))).toEqual({ a: "ARRAY<DOUBLE>", b: "INT" });
    const twice = `{"a":${JSON.stringify([...many, "x"])},"b":1,"b":2}\n`;
    const plan = await planned(good + twice);
    expect(typesOf(plan)).toEqual({ a: "ARRAY<DOUBLE>", b: "INT" });
    expect(plan.records).toBe(1);
  });

  it("are left out when no topic would take them", async () => {
    const plan = await planned(`{"a":1}\n{"a":"${"x".repeat(11 * 1024 * 1024)}"}\n`);
    expect(typesOf(plan)).toEqual({ a: "INT" });
    expect(plan.notes[0]).toContain("1 record cannot be read");
  });
});
