import { describe, expect, it } from "vitest";
import { dateRange } from "../../../../src/pipeline/ingest/silver.js";
import { problemOf } from "../../../helpers/problem.js";

describe("dateRange", () => {
  it.each([
    [undefined, undefined, undefined],
    ["2019-01-01", "2019-01-31", { from: "2019-01-01", to: "2019-01-31" }],
    ["2019-01-01", "2019-01-01", { from: "2019-01-01", to: "2019-01-01" }],
    ["2019-01-01", undefined, { from: "2019-01-01", to: "2019-01-01" }],
    [undefined, "2019-01-31", { from: "2019-01-31", to: "2019-01-31" }],
    ["2020-02-29", undefined, { from: "2020-02-29", to: "2020-02-29" }],
  ])("from %s to %s", (from, to, range) => {
    expect(dateRange(from, to)).toEqual(range);
  });

  it.each([
    "2019-02-29",
    "2019-13-01",
    "2019-1-1",
    "01.02.2019",
    "2019-01-01T00:00:00",
    "today",
    "",
    "2019-01-01' OR 1=1",
  ])("refuses '%s'", async (text) => {
    for (const action of [() => dateRange(text, undefined), () => dateRange("2019-01-01", text)]) {
      const error = await problemOf(action);
      expect(error).toMatchObject({ code: "date_invalid", exitCode: 2 });
      expect(error.message).toContain(`'${text}'`);
    }
  });

  it("refuses an end before the beginning", async () => {
    const error = await problemOf(() => dateRange("2019-02-01", "2019-01-31"));
    expect(error).toMatchObject({ code: "date_invalid", exitCode: 2 });
  });
});
