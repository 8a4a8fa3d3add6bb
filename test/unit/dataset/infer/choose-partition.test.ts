import { describe, expect, it } from "vitest";
import { choosePartition } from "../../../../src/dataset/infer/choose-partition.js";

describe("what a partition of silver should hold", () => {
  it("is a day, for records on few days and for very many records", () => {
    expect(choosePartition(undefined, 10)).toBeUndefined();
    expect(choosePartition({ from: "2024-01-01", to: "2026-09-26" }, 100)).toBeUndefined();
    expect(choosePartition({ from: "2020-01-01", to: "2025-12-31" }, 50_000_000)).toBeUndefined();
  });

  it("is a month or a year, where days would be tiny files", () => {
    expect(choosePartition({ from: "2012-01-01", to: "2021-12-03" }, 3_625)).toEqual({
      transform: "month",
      reason: "3,625 records from 2012-01-01 to 2021-12-03: by day up to 3,625 files",
    });
    expect(choosePartition({ from: "0001-01-01", to: "2021-12-03" }, 500)).toMatchObject({
      transform: "year",
    });
  });
});
