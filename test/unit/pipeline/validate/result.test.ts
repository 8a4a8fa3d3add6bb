import { describe, expect, it } from "vitest";
import { joined } from "../../../../src/pipeline/validate/result.js";
import { stage } from "../../../helpers/validate-result.js";

describe("what is made of bronze, and the rules of the dataset, are one stage", () => {
  const silver = stage({ stage: 5, name: "Quality of silver", detail: "9 rows" });

  it("says nothing more where there are no rules", () => {
    expect(joined(silver, { ...silver, detail: "" })).toEqual(silver);
  });

  it("is the worse of the two, with what both say", () => {
    const rules = { ...silver, status: "warn" as const, detail: "1 of 2 rules broken", hint: "the manifest" };
    expect(joined(silver, rules)).toEqual({
      ...{ ...silver, status: "warn", detail: "9 rows; 1 of 2 rules broken", hint: "the manifest" },
    });
    const failed = { ...silver, status: "fail" as const, hint: "pipectl process-silver" };
    expect(joined(failed, rules)).toMatchObject({ status: "fail", hint: "pipectl process-silver" });
  });
});
