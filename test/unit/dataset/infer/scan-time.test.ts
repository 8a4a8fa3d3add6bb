import { describe, expect, it } from "vitest";
import { TimeScan } from "../../../../src/dataset/infer/scan-time.js";

const scan = new TimeScan();

/** The forms of docs/datasets.md, "Values against types". */
describe("TimeScan", () => {
  it.each([
    ["2024-01-01", "date"],
    ["1900-02-28", "date"],
    ["1900-02-29", "impossible"],
    ["2000-02-29", "date"],
    ["0000-02-29", "date"],
    ["2024-02-30", "impossible"],
    ["2024-13-01", "impossible"],
    ["2024-00-10", "impossible"],
    ["2024-1-1", "none"],
    ["20240101", "none"],
    ["01/02/2019", "none"],
    ["2024-01-01 10:00:00", "local"],
    ["1969-12-31T23:59:59.999999", "local"],
    ["2024-01-01T10:00:00Z", "utc"],
    ["2024-01-01 10:00:00.5Z", "utc"],
    ["2024-01-01T10:00:00+02:00", "offset"],
    ["2024-01-01T10:00:00.25-18:00", "offset"],
    ["2024-01-01T10:00:00+18:01", "impossible"],
    ["2024-01-01T10:00:00+0200", "none"],
    ["2024-01-01 24:00:00", "impossible"],
    ["2024-01-01 23:59:60", "impossible"],
    ["2024-02-30 10:00:00", "impossible"],
    ["2024-01-01 10:00", "none"],
    ["2024-01-01 10:00:00.", "none"],
    ["2024-01-01 10:00:00 Z", "none"],
    ["2024-01-01t10:00:00", "none"],
    ["2024-01-01 10:00:00Zx", "none"],
    ["-024-01-01", "none"],
    ["2024-01-01 ", "none"],
  ])("%s is %s", (text, form) => {
    expect(scan.scan(text)).toBe(form);
  });

  it("counts the digits of a second that are needed", () => {
    scan.scan("2024-01-01 10:00:00.120000000");
    expect([scan.needed, scan.written]).toEqual([2, 9]);
    scan.scan("2024-01-01 10:00:00.0000001Z");
    expect([scan.needed, scan.written]).toEqual([7, 7]);
    scan.scan("2024-01-01 10:00:00");
    expect([scan.needed, scan.written]).toEqual([0, 0]);
  });
});
