import { describe, expect, it } from "vitest";
import { type Comparison, judge } from "../../../../src/pipeline/validate/silver-keys.js";

const same: Comparison = { keys: 9, missing: 0, overdue: 0, foreign: 0, altered: 0, differing: 0 };
type Kept = Parameters<typeof judge>[1];
const verdict = (more: Partial<Comparison>, kept: Kept = "batch", wins: "identical" | "last" = "identical") =>
  judge({ ...same, ...more }, kept, wins, 35_000);

describe("silver compared with bronze", () => {
  it("passes when each key is there with its row", () => {
    expect(verdict({})).toEqual({ status: "pass", detail: "9 keys of bronze, each with its row" });
  });

  it.each(["batch", "stream", "stopped"] as const)("fails for what must never be (%s)", (kept) => {
    expect(verdict({ foreign: 2 }, kept)).toMatchObject({
      status: "fail",
      detail: "2 keys are not in bronze",
    });
    expect(verdict({ altered: 1 }, kept)).toMatchObject({
      status: "fail",
      detail: "1 rows are not as in bronze",
    });
  });

  it("fails for a missing key after a batch run, and after too long while a stream runs", () => {
    expect(verdict({ missing: 3 })).toMatchObject({ status: "fail", detail: "3 keys of bronze are missing" });
    expect(verdict({ missing: 3, overdue: 1 }, "stream")).toMatchObject({
      status: "fail",
      detail: "1 keys of bronze are missing after 35.0 s",
      hint: expect.stringContaining("--from-tables"),
    });
  });

  it("lets a stream be behind, and one that was stopped, and says by how much", () => {
    for (const verdictOf of [
      verdict({ missing: 3 }, "stream"),
      verdict({ missing: 3, overdue: 3 }, "stopped"),
    ])
      expect(verdictOf).toMatchObject({
        status: "pass",
        detail: expect.stringContaining("3 are not there yet"),
      });
  });

  it("warns where copies of a key differ, unless the last one wins", () => {
    expect(verdict({ differing: 4 })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("of 4 keys bronze has rows that differ"),
    });
    expect(verdict({ differing: 4 }, "batch", "last")).toMatchObject({ status: "pass" });
  });
});
