import { type ColumnType, parseColumnType } from "../../src/dataset/column-type.js";

/** A value: as a record has it, and as PyIceberg gives it back. */
interface Value {
  readonly json: string;
  readonly back: unknown;
}

const text = (value: string, back: unknown = value): Value => ({ json: JSON.stringify(value), back });
const number = (json: string, back: unknown = Number(json)): Value => ({ json, back });

/** Fractions of a second with up to so many digits. */
function times(digits: number, zone: "" | "Z"): Value[] {
  const fraction = digits === 0 ? "" : `.${"504321".slice(0, digits)}`;
  const shown = digits === 0 ? "" : fraction.padEnd(7, "0");
  return ["1969-12-31 23:59:59", "0001-01-02 03:04:05", "1582-10-10 00:00:00", "9999-12-30 23:59:59"].flatMap(
    (at) => [
      text(`${at}${zone}`, `${at}${zone === "" ? "" : "+00:00"}`),
      text(`${at}${fraction}${zone}`, `${at}${shown}${zone === "" ? "" : "+00:00"}`),
    ],
  );
}

const scalars: Readonly<Record<string, readonly Value[]>> = {
  INT: ["-2147483648", "0", "2147483647"].map((one) => number(one)),
  BIGINT: [
    number("-9223372036854775808", "-9223372036854775808"),
    number("1"),
    number("9223372036854775807", "9223372036854775807"),
  ],
  FLOAT: ["-0.25", "1.5", "16777216"].map((one) => number(one)),
  DOUBLE: ["0.1", "-1e300", "5e-324", "123456789.125"].map((one) => number(one)),
  STRING: ["", "a|b", "NULL", "ü,\u{1F600}", "\\N", "{a=1}"].map((one) => text(one)),
  BOOLEAN: [
    { json: "true", back: true },
    { json: "false", back: false },
  ],
  DATE: ["1969-12-31", "0001-01-01", "1582-10-10", "9999-12-31", "1900-02-28"].map((one) => text(one)),
  "DECIMAL(38, 2)": [
    "123456789012345678901234567890123456.78",
    "-0.01",
    "-999999999999999999999999999999999999.99",
  ].map((one) => number(one, one)),
  "DECIMAL(38, 38)": [number("0.00000000000000000000000000000000000001", "1E-38")],
  "DECIMAL(5, 0)": ["-99999", "7"].map((one) => number(one, one)),
  ...Object.fromEntries([0, 1, 3, 4, 6].map((digits) => [`TIMESTAMP(${digits})`, times(digits, "")])),
  ...Object.fromEntries([0, 2, 3, 5, 6].map((digits) => [`TIMESTAMP_LTZ(${digits})`, times(digits, "Z")])),
};

/** Where a value may stand. A map is a list of pairs, as Arrow has it. */
const positions: readonly {
  readonly type: (of: string) => string;
  readonly of: (one: Value, other: Value) => Value;
}[] = [
  { type: (of) => of, of: (one) => one },
  { type: (of) => `ROW<v ${of}>`, of: ({ json, back }) => ({ json: `{"v":${json}}`, back: { v: back } }) },
  {
    type: (of) => `ARRAY<${of}>`,
    of: (one, other) => ({ json: `[${one.json},null,${other.json}]`, back: [one.back, null, other.back] }),
  },
  {
    type: (of) => `MAP<STRING, ${of}>`,
    of: (one, other) => ({
      // A map has no order: Flink's cast of one goes by the hash of its keys, which is this one.
      json: `{"a":${one.json},"b":${other.json}}`,
      back: [
        ["a", one.back],
        ["b", other.back],
      ],
    }),
  },
  {
    type: (of) => `ARRAY<ROW<v ${of}, n ARRAY<INT>>>`,
    of: (one, other) => ({
      json: `[{"v":${one.json},"n":[1]},{"v":${other.json}}]`,
      back: [
        { v: one.back, n: [1] },
        { v: other.back, n: null },
      ],
    }),
  },
  {
    type: (of) => `MAP<STRING, ROW<v ${of}>>`,
    of: (one) => ({ json: `{"k":{"v":${one.json}}}`, back: [["k", { v: one.back }]] }),
  },
];

/** A column of each type in each position, and records with values at the ends of what it can hold; every fourth value is NULL. */
export function allTypes(records: number) {
  const columns = Object.entries(scalars).flatMap(([scalar, values]) =>
    positions.map(({ type, of }) => ({ type: type(scalar), values, of })),
  );
  const named = columns.map((column, i) => ({
    ...column,
    name: `c${i}`,
    parsed: parseColumnType(column.type) as ColumnType,
  }));
  const rows = Array.from({ length: records }, (_, n) =>
    named.map(({ values, of, type }, i): Value => {
      // PyIceberg 0.10 reads a NULL list or map of structs as an empty one: it makes such arrays anew, without their mask.
      if ((n + i) % 4 === 3) return { json: "null", back: /^(ARRAY|MAP)<.*ROW</.test(type) ? [] : null };
      return of(values[n % values.length] as Value, values[(n + 1) % values.length] as Value);
    }),
  );
  return {
    columns: named.map(({ name, type }) => ({ name, type })),
    lines: rows.map((row, n) => `{"id":${n},${row.map(({ json }, i) => `"c${i}":${json}`).join(",")}}`),
    expected: rows.map((row, n) => [n, ...row.map(({ back }) => back)]),
  };
}
