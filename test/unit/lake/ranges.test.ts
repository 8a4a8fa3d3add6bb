import { expect, it } from "vitest";
import { sizeOf } from "../../../src/lake/ranges.js";

const range = (start: number, end: number, present = 0) => ({
  ...{ partition: 0, start, end, lost: 5, skipped: 3 },
  present,
});

it.each([
  ["no range", [], 0],
  ["an empty range", [range(7, 7)], 0],
  ["several ranges, whatever was lost before them", [range(10, 25), range(0, 4)], 19],
  ["a range of which some is there already", [range(10, 25, 6), range(0, 4, 4)], 9],
])("counts the offsets to take of %s", (_what, ranges, size) => {
  expect(sizeOf(ranges)).toBe(size);
});
