import { describe, expect, it } from "vitest";
import type { RuleOutcome } from "../../../../src/pipeline/quality/check-rules.js";
import { rulesVerdict } from "../../../../src/pipeline/quality/rules-verdict.js";

describe("what they mean for the stage", () => {
  const outcome = (more: Partial<RuleOutcome>): RuleOutcome => ({
    ...{ name: "a", rule: "not_null", failed: 0, checked: 2_000, status: "pass", samples: [] },
    ...more,
  });

  it("is nothing where there are none", () => {
    expect(rulesVerdict([])).toEqual({ status: "pass", detail: "" });
  });

  it("is how many hold, or which do not and by how many rows", () => {
    expect(rulesVerdict([outcome({}), outcome({ name: "b" })])).toEqual({
      ...{ status: "pass", detail: "2 rules of the dataset hold" },
    });
    const warn = outcome({ name: "w", failed: 1_200, status: "warn" });
    expect(rulesVerdict([outcome({}), warn])).toMatchObject({
      ...{ status: "warn", detail: "1 of 2 rules of the dataset broken: w by 1,200 of 2,000 rows" },
    });
    const stale = outcome({ name: "f", rule: "freshness", failed: 1, status: "fail" });
    expect(rulesVerdict([stale, warn])).toMatchObject({
      ...{
        status: "fail",
        detail: "2 of 2 rules of the dataset broken: f is too old, w by 1,200 of 2,000 rows",
      },
    });
  });

  it("is a warning where rules keep rows out of silver: nothing of silver is broken", () => {
    const keeps = outcome({ name: "k", failed: 3, quarantined: 3, status: "warn" });
    expect(rulesVerdict([outcome({}), keeps])).toMatchObject({
      ...{ status: "warn", detail: "kept out of silver: 3 rows by k" },
    });
    const broken = outcome({ name: "b", failed: 1, status: "fail" });
    expect(rulesVerdict([keeps, broken])).toMatchObject({
      ...{
        status: "fail",
        detail: "1 of 2 rules of the dataset broken: b by 1 of 2,000 rows; kept out of silver: 3 rows by k",
      },
    });
    expect(rulesVerdict([outcome({ quarantined: 0 })])).toMatchObject({ status: "pass" });
  });
});
