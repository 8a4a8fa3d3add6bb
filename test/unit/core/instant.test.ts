import { expect, it } from "vitest";
import { instant } from "../../../src/core/format.js";

it.each([
  ["2026-01-31 12:00:00.123", "2026-01-31T12:00:00.123Z"],
  ["1969-12-31 23:59:59.999", "1969-12-31T23:59:59.999Z"],
  // Microseconds taken for milliseconds: a time that JavaScript's ISO form has no room for.
  ["+55000-01-01 00:00:00.000", "+55000-01-01 00:00:00.000"],
  [null, "unknown"],
])("%s is %s", (text, expected) => {
  expect(instant(text)).toBe(expected);
});
