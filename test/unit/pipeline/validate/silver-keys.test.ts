import { describe, expect, it } from "vitest";
import { type Comparison, judge } from "../../../../src/pipeline/validate/silver-keys.js";

const same: Comparison = { keys: 9, missing: 0, foreign: 0, altered: 0, differing: 0 };
const verdict = (more: Partial<Comparison>, late = 0, wins: "identical" | "last" = "identical") =>
  judge({ ...same, ...more }, late, wins);

describe("silver compared with bronze", () => {
  it("passes when each key is there with its row", () => {
    expect(verdict({})).toEqual({ status: "pass", detail: "9 keys of bronze, each with its row" });
  });

  it("fails for what must never be, with what makes it good", () => {
    const wrong = verdict({ missing: 5, foreign: 2, altered: 1 }, 3);
    expect(wrong).toMatchObject({
      status: "fail",
      detail: "3 keys of bronze missing, 2 keys that bronze does not have, 1 row not as in bronze",
      hint: expect.stringContaining("pipectl process-silver --from DATE --to DATE"),
    });
  });

  it("passes while silver may be behind, and says by how much", () => {
    expect(verdict({ missing: 3 })).toMatchObject({
      status: "pass",
      detail: expect.stringContaining("3 are not in silver yet"),
    });
  });

  it("warns where copies of a key differ; where the last one wins it says that it does not compare these", () => {
    expect(verdict({ differing: 4 })).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("of 4 keys bronze has rows that differ"),
    });
    expect(verdict({ differing: 4 }, 0, "last")).toMatchObject({
      status: "pass",
      detail: expect.stringContaining("but for 4 corrected ones"),
    });
  });
});
