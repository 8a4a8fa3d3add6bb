import { describe, expect, it } from "vitest";
import { NumberScan } from "../../../../src/dataset/infer/scan-number.js";

const scan = new NumberScan();

describe("NumberScan", () => {
  it.each([
    ["0", true, true, 1, 0, true],
    ["-0", true, true, 1, 0, true],
    ["2147483647", true, true, 10, 0, true],
    ["2147483648", false, true, 10, 0, true],
    ["-2147483648", true, true, 10, 0, true],
    ["-2147483649", false, true, 10, 0, true],
    ["9223372036854775807", false, true, 19, 0, false],
    ["9223372036854775808", false, false, 19, 0, false],
    ["-9223372036854775808", false, true, 19, 0, false],
    ["-9223372036854775809", false, false, 19, 0, false],
    ["9007199254740993", false, true, 16, 0, false],
    ["6.50", false, false, 1, 1, true],
    ["0.1", false, false, 1, 1, true],
    ["-0.0", false, false, 1, 0, true],
    ["12345678901234567.25", false, false, 17, 2, false],
    ["0.30000000000000004", false, false, 1, 17, true],
    ["0.300000000000000041", false, false, 1, 18, false],
    ["1e3", false, false, 4, 0, true],
    ["1.5E-2", false, false, 1, 3, true],
    ["100e-2", false, false, 1, 0, true],
    ["1e400", false, false, 401, 0, false],
    ["1e-400", false, false, 1, 400, false],
    [" 12 ", true, true, 2, 0, true],
  ])("%s", (text, fitsInt, fitsLong, integerDigits, fractionDigits, survivesDouble) => {
    expect(scan.scan(text)).toBe(true);
    const { hasFraction: _, isCanonical: __, ...found } = scan;
    expect(found).toEqual({ fitsInt, fitsLong, integerDigits, fractionDigits, survivesDouble });
  });

  it.each([
    "",
    "-",
    "+1",
    "007",
    "-01",
    ".5",
    "1.",
    "1e",
    "1e+",
    "0x1",
    "1 2",
    "NaN",
    "Infinity",
    "1_000",
    "1,5",
    "١",
    "1".repeat(1001),
  ])("refuses %j, as the strict reader does", (text) => {
    expect(scan.scan(text)).toBe(false);
  });
});
