import { describe, expect, it } from "vitest";
import { sharesOf } from "../../../src/kafka/sample.js";

const takes = (sizes: readonly number[], count: number) =>
  sharesOf(
    sizes.map((size, partition) => ({ partition, first: 10, end: 10 + size })),
    count,
  ).map(({ take }) => take);

describe("sharesOf", () => {
  it.each([
    [[100, 100, 100], 30, [10, 10, 10]],
    [[100, 100, 100], 31, [11, 10, 10]],
    [[0, 5, 100], 30, [0, 5, 25]],
    [[100, 0, 5], 300, [100, 0, 5]],
    [[3, 3], 1, [1, 0]],
    [[], 10, []],
  ])("of partitions with %j records, %i in all", (sizes, count, expected) => {
    expect(takes(sizes, count)).toEqual(expected);
  });
});
