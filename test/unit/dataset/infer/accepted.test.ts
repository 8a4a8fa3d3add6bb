import { describe, expect, it } from "vitest";
import { planned, typesOf } from "./planned.js";

/**
 * A reader of its own of the table "Values against types" (docs/datasets.md): whether a cell, sent as `generate` sends it,
 * is read by a column of the type without a change.
 */
function isTaken(type: string, cell: string): boolean {
  if (cell === "" || type === "STRING") return true;
  if (type === "BOOLEAN") return cell === "true" || cell === "false";
  if (type === "DATE") return isDay(cell);
  if (type.startsWith("TIMESTAMP")) {
    const parts = /^(.{10})[ T](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/.exec(cell);
    if (!parts) return false;
    const [, day = "", hour, minute, second, fraction = "", zone] = parts;
    const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
    if (!isDay(day) || !isTime || /[1-9]/.test(fraction.slice(6))) return false;
    return type === "TIMESTAMP(6)" ? zone === undefined || zone === "Z" : zone !== undefined;
  }
  const parts = /^[ \t]*-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?[ \t]*$/.exec(cell);
  if (!parts) return false;
  const [, whole = "", fraction = "", power = "0"] = parts;
  const exponent = Number(power) - fraction.length;
  if (type === "DOUBLE")
    return Number.isFinite(Number(cell)) && (Number(cell) !== 0 || /^[0.]*$/.test(whole + fraction));
  // As an integer and the digits behind the point, both exact.
  if (Math.abs(exponent) > 2000) return false;
  const digits = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, exponent));
  const scale = 10n ** BigInt(Math.max(0, -exponent));
  const sign = cell.trim().startsWith("-") ? -1n : 1n;
  if (type === "INT" || type === "BIGINT") {
    const bits = type === "INT" ? 32 : 64;
    return digits % scale === 0n && BigInt.asIntN(bits, (sign * digits) / scale) === (sign * digits) / scale;
  }
  const [, precision = "0", behind = "0"] = /^DECIMAL\((\d+), (\d+)\)$/.exec(type) ?? [];
  const scaled = digits * 10n ** BigInt(behind);
  return scaled % scale === 0n && String(scaled / scale).length <= Number(precision);
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const kinds: readonly ((n: number) => string)[] = [
  (n) => String(n - 50),
  (n) => String(n * 99_999_999),
  (n) => `${n}${"7".repeat(n % 30)}`,
  (n) => `${n}.${n}0`,
  (n) => `${n}e${(n % 40) - 20}`,
  (n) => `-0.${"3".repeat(n % 25)}1`,
  (n) => String(n / 7),
  (n) => (n % 2 === 0 ? "true" : "false"),
  (n) => `20${10 + (n % 80)}-0${1 + (n % 9)}-${10 + (n % 22)}`,
  (n) => `2024-01-0${1 + (n % 9)} 1${n % 10}:00:00${n % 3 === 0 ? "" : `.${n}`}`,
  (n) => `2024-01-0${1 + (n % 9)}T10:00:00.${"5".repeat(1 + (n % 7))}${n % 4 === 0 ? "Z" : "+02:00"}`,
  (n) => `0${n}`,
  (n) => `word ${n}`,
  () => "",
  (n) => ` ${n} `,
];

describe("every cell of a column is read by the type that was guessed", () => {
  it("whatever kinds of cells it mixes", async () => {
    let state = 5;
    const below = (limit: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >>> 8) % limit;
    };
    const seen = new Set<string>();
    for (let round = 0; round < 400; round++) {
      const mixed = Array.from(
        { length: 1 + below(2) },
        () => kinds[below(kinds.length)] as (typeof kinds)[number],
      );
      const cells = Array.from({ length: 1 + below(12) }, () =>
        (mixed[below(mixed.length)] as (typeof kinds)[number])(below(100)),
      );
      const type =
        typesOf(await planned(`n,c\n${cells.map((cell, n) => `${n},${cell}\n`).join("")}`)).c ?? "";
      seen.add(type.replace(/\d+/g, "n"));
      for (const cell of cells) expect([type, cell, isTaken(type, cell)]).toEqual([type, cell, true]);
    }
    // It would hold of nothing but STRING, too.
    expect([...seen].sort()).toEqual([
      "BIGINT",
      "BOOLEAN",
      "DATE",
      "DECIMAL(n, n)",
      "DOUBLE",
      "INT",
      "STRING",
      "TIMESTAMP(n)",
      "TIMESTAMP_LTZ(n)",
    ]);
  });
});
