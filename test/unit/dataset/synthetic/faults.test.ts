import { isUtf8 } from "node:buffer";
import { describe, expect, it } from "vitest";
import { topLevelFields } from "../../../../src/dataset/inputs/json-fields.js";
import { faultsOf } from "../../../../src/dataset/synthetic/faults.js";
import { Random } from "../../../../src/dataset/synthetic/random.js";
import type { Column } from "../../../../src/dataset/types.js";
import { ordersDataset, temporaryFolder } from "../fixtures.js";

const orders = ordersDataset(temporaryFolder());
const good = ["1", '"2024-01-01 10:00:00"', '"ann"', "1.50", "0.5", "true", '"2024-01-01"', "7"];

const integer = /^-?(0|[1-9]\d*)$/;
const limits = { INT: 2n ** 31n, BIGINT: 2n ** 63n } as const;

/** A strict reader in few lines, by the rules of the data contract; it shares nothing with the faults. */
function isAccepted(value: Buffer | null, columns: readonly Column[]): boolean {
  if (value === null || !isUtf8(value)) return false;
  const text = value.toString("utf8");
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return false;
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) return false;
  const fields = topLevelFields(text).map(({ keyStart, keyEnd, valueStart, valueEnd }) => ({
    name: JSON.parse(text.slice(keyStart, keyEnd)) as string,
    token: text.slice(valueStart, valueEnd),
  }));
  if (fields.length === 0 || new Set(fields.map(({ name }) => name)).size < fields.length) return false;
  return fields.every(({ name, token }) => {
    const column = columns.find((candidate) => candidate.name === name);
    return !column || token === "null" || fits(column, token);
  });
}

function fits({ type, parsedType }: Column, token: string): boolean {
  const parsed: unknown = JSON.parse(token);
  const isDay = (text: string) =>
    !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);
  switch (parsedType.kind) {
    case "integer":
      return integer.test(token) && BigInt(token) < limits[type as keyof typeof limits];
    case "float":
      return typeof parsed === "number";
    case "decimal":
      return /^-?\d{1,8}(\.\d{1,2})?$/.test(token);
    case "string":
      return typeof parsed === "string" && !/\p{Surrogate}/u.test(parsed);
    case "boolean":
      return typeof parsed === "boolean";
    case "date":
      return typeof parsed === "string" && isDay(parsed);
    case "timestamp": {
      const [, day = "", clock = ""] = /^(\S+) (\S+)$/.exec(String(parsed)) ?? [];
      return typeof parsed === "string" && isDay(day) && /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(clock);
    }
    default:
      throw new Error(`no fault of ${type} is tested`);
  }
}

const cases = [
  orders.columns,
  orders.columns.slice(0, 1),
  orders.columns.slice(2, 3),
  orders.columns.slice(6, 7),
];

describe.each(cases.map((columns) => ({ columns, names: columns.map(({ name }) => name).join(", ") })))(
  "faultsOf columns $names",
  ({ columns }) => {
    const tokens = columns.map((column) => good[orders.columns.indexOf(column)] ?? "null");
    const render = (each: readonly string[]) =>
      `{${columns.map(({ name }, index) => `"${name}":${each[index]}`).join(",")}}`;
    const faults = faultsOf(columns, render);

    it("starts from a record that is fine", () => {
      expect(isAccepted(Buffer.from(render(tokens)), columns)).toBe(true);
    });

    it.each(faults.map((fault) => [fault.name, fault] as const))("%s must be refused", (_, fault) => {
      const random = new Random(3);
      for (let round = 0; round < 200; round++) {
        const value = fault.make(tokens, random);
        expect(isAccepted(value, columns), String(value)).toBe(false);
      }
    });
  },
);

describe("the kinds of malformation", () => {
  it("are many, come from the columns' types and have names of their own", () => {
    const names = faultsOf(orders.columns, () => "{}").map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(35);
    expect(names).toEqual(
      expect.arrayContaining(["tombstone", "integer_overflow", "impossible_date", "invalid_utf8"]),
    );
    const datesOnly = faultsOf(orders.columns.slice(6, 7), () => "{}").map(({ name }) => name);
    expect(datesOnly).not.toContain("integer_overflow");
  });
});
