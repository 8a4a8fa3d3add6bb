import { type ColumnKind, isNumeric } from "../column-type.js";
import type { Column } from "../types.js";
import type { Random } from "./random.js";

/** One way to break a record. */
export interface Fault {
  readonly name: string;
  /**
   * @param tokens the record's JSON tokens, one for each column
   * @returns the broken value; null is a tombstone
   */
  make(tokens: readonly string[], random: Random): Buffer | null;
}

type Render = (tokens: readonly string[]) => string;

/**
 * Every way to break a record of these columns so that a strict reader must refuse it. Values that a reader may accept without
 * loss (`"12"` or `12.0` for 12, a date with a T) are not among them.
 *
 * @param render builds the JSON text of a record
 */
export function faultsOf(columns: readonly Column[], render: Render): Fault[] {
  return [...structureFaults(columns, render), ...valueFaults(columns, render)];
}

function structureFaults(columns: readonly Column[], render: Render): Fault[] {
  const text = (name: string, breakIt: (json: string, random: Random) => string): Fault => ({
    name,
    make: (tokens, random) => Buffer.from(breakIt(render(tokens), random)),
  });
  return [
    text("truncated", (json, random) => json.slice(0, 1 + random.below(json.length - 1))),
    text("not_json", () => "this is not JSON"),
    text("empty", () => ""),
    { name: "tombstone", make: () => null },
    text("array", (json) => `[${json}]`),
    text("json_in_string", (json) => JSON.stringify(json)),
    text("bare_number", () => "42"),
    text("bare_null", () => "null"),
    text("empty_object", () => "{}"),
    text("trailing_text", (json) => `${json} oops`),
    text("two_objects", (json) => json + json),
    text("missing_colon", (json) => json.replace('":', '"')),
    text("missing_comma", (json) => (columns.length > 1 ? json.replace(',"', '"') : `${json},`)),
    text("trailing_comma", (json) => json.replace(/\}$/, ",}")),
    text("single_quotes", (json) => json.replaceAll('"', "'")),
    text("unclosed_name", (json) => json.replace('":', ":")),
    {
      name: "field_twice",
      make(tokens, random) {
        const index = random.below(columns.length);
        const again = `,${JSON.stringify(columns[index]?.source)}:${tokens[index]}}`;
        return Buffer.from(render(tokens).replace(/\}$/, () => again));
      },
    },
  ];
}

/** Tokens that no column of a kind accepts, by the name of the fault. */
function badTokens(column: Column): Readonly<Record<string, string>> {
  const { kind, max, precision = 0, scale = 0 } = column.parsedType;
  const ofKind: Record<ColumnKind, Record<string, string>> = {
    integer: { integer_overflow: String(BigInt(max ?? "0") + 1n), integer_with_fraction: "1.5" },
    float: {},
    decimal: {
      decimal_overflow: `1${"0".repeat(precision - scale)}`,
      decimal_with_more_digits: `0.${"0".repeat(scale)}1`,
    },
    string: { object_as_string: '{"a":1}', array_as_string: '["a"]', lone_surrogate: '"\\ud800"' },
    boolean: { text_as_boolean: '"yes"', number_as_boolean: "1" },
    date: { impossible_date: '"2019-02-30"', number_as_date: "17897", text_as_date: '"yesterday"' },
    timestamp: {
      impossible_date: '"2019-02-30 10:00:00"',
      impossible_time: '"2019-01-01 25:61:00"',
      number_as_timestamp: "1546300800000",
      text_as_timestamp: '"yesterday"',
    },
    timestamp_ltz: { time_without_zone: '"2019-01-01 10:00:00"', number_as_timestamp: "1546300800000" },
    row: { text_as_object: '"a"' },
    array: { object_as_array: '{"a":1}' },
    map: { array_as_object: '["a"]' },
  };
  const numeric = {
    text_as_number: '"abc"',
    empty_as_number: '""',
    boolean_as_number: "true",
    object_as_number: '{"a":1}',
    nan_text: '"NaN"',
    nan_token: "NaN",
    leading_zeros: "007",
  };
  return isNumeric(column.parsedType) ? { ...ofKind[kind], ...numeric } : ofKind[kind];
}

/** Values that do not fit their column, with each fault in any column that can have it. */
function valueFaults(columns: readonly Column[], render: Render): Fault[] {
  const places = new Map<string, { index: number; token: string }[]>();
  columns.forEach((column, index) => {
    for (const [name, token] of Object.entries(badTokens(column))) {
      places.set(name, [...(places.get(name) ?? []), { index, token }]);
    }
  });
  const faults = [...places].map(
    ([name, found]): Fault => ({
      name,
      make(tokens, random) {
        const { index, token } = found[random.below(found.length)] ?? { index: 0, token: "" };
        return Buffer.from(render(tokens.with(index, token)));
      },
    }),
  );
  const strings = columns.flatMap((column, index) => (column.parsedType.kind === "string" ? [index] : []));
  if (strings.length > 0) {
    faults.push({
      name: "invalid_utf8",
      make(tokens, random) {
        const index = strings[random.below(strings.length)] ?? 0;
        const [before = "", after = ""] = render(tokens.with(index, '"\0"')).split("\0");
        return Buffer.concat([Buffer.from(before), Buffer.from([0xff, 0xfe]), Buffer.from(after)]);
      },
    });
  }
  return faults;
}
