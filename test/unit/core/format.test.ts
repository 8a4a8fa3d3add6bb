import { describe, expect, it } from "vitest";
import { bytes, count, duration, plural } from "../../../src/core/format.js";

describe("figures for people", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1_000, "1,000"],
    [-1_234_567, "-1,234,567"],
  ])("count %d is %s", (n, text) => {
    expect(count(n)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [812, "812 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [3_440_000, "3.4 MB"],
    [1e9, "1.0 GB"],
    [2.5e15, "2500.0 TB"],
  ])("bytes %d is %s", (n, text) => {
    expect(bytes(n)).toBe(text);
  });

  it.each([
    [0, "0.0 s"],
    [400, "0.4 s"],
    [12_345, "12.3 s"],
    [89_900, "89.9 s"],
    [90_000, "1 min 30 s"],
    [125_000, "2 min 5 s"],
    [179_600, "2 min 59 s"],
    [5_400_000, "1 h 30 min"],
    [90_000_000, "25 h 0 min"],
  ])("duration %d ms is %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("says one job, several jobs, no entries", () => {
    expect(plural(1, "job")).toBe("1 job");
    expect(plural(1_200, "job")).toBe("1,200 jobs");
    expect(plural(0, "entry", "entries")).toBe("0 entries");
  });
});
