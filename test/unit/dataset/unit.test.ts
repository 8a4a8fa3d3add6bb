import { describe, expect, it } from "vitest";
import { firstDay, lastDay, partitionsIn, rangesOf, unitsIn } from "../../../src/dataset/unit.js";

describe("units of time", () => {
  it.each([
    ["2024-02-29", "day", "2024-02-29", "2024-02-29"],
    ["2024-02-29", "month", "2024-02-01", "2024-02-29"],
    ["2023-02-11", "month", "2023-02-01", "2023-02-28"],
    ["1969-12-31", "month", "1969-12-01", "1969-12-31"],
    ["1900-02-03", "year", "1900-01-01", "1900-12-31"],
    ["0019-02-03", "year", "0019-01-01", "0019-12-31"],
  ] as const)("%s lies in the %s from %s to %s", (date, unit, first, last) => {
    expect([firstDay(date, unit), lastDay(date, unit)]).toEqual([first, last]);
  });

  it("that follow on each other are one range", () => {
    expect(rangesOf(["2023-12-31", "2024-01-01", "2024-01-03"], "day")).toEqual([
      { from: "2023-12-31", to: "2024-01-01" },
      { from: "2024-01-03", to: "2024-01-03" },
    ]);
    expect(rangesOf(["2023-12-01", "2024-01-01", "2024-03-01"], "month")).toEqual([
      { from: "2023-12-01", to: "2024-01-31" },
      { from: "2024-03-01", to: "2024-03-31" },
    ]);
    expect(rangesOf([], "year")).toEqual([]);
  });

  it("are counted: days of a range, and partitions of a unit", () => {
    expect(unitsIn({ from: "2023-12-31", to: "2024-03-01" })).toBe(62);
    expect([partitionsIn("month", "day"), partitionsIn("year", "month"), partitionsIn("day", "day")]).toEqual(
      [31, 12, 1],
    );
  });
});
