import { describe, expect, it } from "vitest";
import { failed, unavailable } from "../../../../src/core/errors.js";
import type { Verdict } from "../../../../src/core/verdict.js";
import { joined } from "../../../../src/pipeline/validate/stage-check.js";
import { stageChecks } from "../../../../src/pipeline/validate/stages.js";
import { look } from "../../../../src/pipeline/validate/validate.js";
import { contextOf } from "../../../helpers/validate-context.js";
import { workspaceOf } from "../../../helpers/workspace.js";

it("the stages keep the numbers and names that are published", () => {
  expect(
    stageChecks.slice(0, 6).map(({ name, deep }, i) => `${i + 1} ${name}${deep ? " (--deep)" : ""}`),
  ).toEqual([
    "1 Services",
    "2 Flink job state",
    "3 Account of every record",
    "4 Recount by partition and offset (--deep)",
    "5 Quality of silver (--deep)",
    "6 Table maintenance",
  ]);
});

describe("two looks of one stage", () => {
  const silver: Verdict = { status: "pass", detail: "9 rows" };

  it("say nothing more where one has nothing to say, and once what both say", () => {
    expect(joined(silver, { ...silver, detail: "" })).toEqual(silver);
    expect(joined(silver, silver)).toEqual(silver);
  });

  it("are the worse of the two, with what both say and the hint of the worse", () => {
    const rules = { ...silver, status: "warn" as const, detail: "1 of 2 rules broken", hint: "the manifest" };
    expect(joined(silver, rules)).toEqual({
      status: "warn",
      detail: "9 rows; 1 of 2 rules broken",
      hint: "the manifest",
    });
    const failed = { ...silver, status: "fail" as const, hint: "pipectl process-silver" };
    expect(joined(failed, rules)).toMatchObject({ status: "fail", hint: "pipectl process-silver" });
    expect(joined(rules, failed)).toMatchObject({ status: "fail", hint: "pipectl process-silver" });
  });

  it("are unknown where one could not look, unless the other fails", async () => {
    const context = contextOf(workspaceOf({}));
    const slow = async () => {
      throw unavailable("http_unreachable", "no answer within 60 s", { hint: "pipectl status" });
    };
    const bad = async () => {
      throw failed("account_untrusted", "bronze has another writer");
    };
    expect(await look({ looks: [async () => silver, slow] }, context)).toEqual({
      status: "unknown",
      detail: "9 rows; no answer within 60 s",
      hint: "pipectl status",
    });
    for (const looks of [
      [slow, bad],
      [bad, slow],
    ])
      expect(await look({ looks }, context)).toMatchObject({ status: "fail" });
  });

  it("fail where one finds no way; an optional stage is then left out, and hides no bug", async () => {
    const context = contextOf(workspaceOf({}));
    const good = async () => silver;
    const bad = async () => {
      throw failed("account_untrusted", "nobody listens");
    };
    const bug = async () => {
      throw new TypeError("x is not a function");
    };
    for (const looks of [
      [bad, good],
      [good, bad],
    ]) {
      expect(await look({ looks }, context)).toMatchObject({
        status: "fail",
        detail: expect.stringMatching(/^(?=.*9 rows)(?=.*nobody listens)/),
      });
      expect(await look({ looks, optional: true }, context)).toBeUndefined();
    }
    await expect(look({ looks: [bug, good], optional: true }, context)).rejects.toThrow(TypeError);
  });

  it("keep what the result has beside its stages", () => {
    expect(joined({ ...silver, quality: [] }, silver).quality).toEqual([]);
    expect(joined(silver, silver)).not.toHaveProperty("quality");
  });
});
