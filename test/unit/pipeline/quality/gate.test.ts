import { describe, expect, it } from "vitest";
import { qualitySchema } from "../../../../src/dataset/quality.js";
import { gateRules, requireQuality } from "../../../../src/pipeline/quality/gate.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { problemOf } from "../../../helpers/problem.js";
import { taxi, workspaceOf } from "../../../helpers/workspace.js";

const quality = qualitySchema.parse([
  { rule: "not_null", column: "fare_amount" },
  { rule: "range", column: "trip_distance", max: 9, on_fail: "warn" },
  { rule: "range", column: "total_amount", min: 0, on_fail: "quarantine" },
  { rule: "freshness", column: "pickup_datetime", within: "1d" },
  { rule: "unique", columns: ["trip_id"] },
]);

async function gate(numbers: readonly (readonly unknown[])[], rules = quality, head: string | null = "9") {
  const { runtime, queries } = await fakeGateway((sql) =>
    sql.includes("AS numbers") ? numbers : [[0, '{"trip_id":"a","fare_amount":null}']],
  );
  const workspace = { ...workspaceOf({ runtime }), dataset: { ...taxi, quality: rules } };
  return { judged: requireQuality(workspace, head), queries };
}

describe("the gate in front of silver", () => {
  it("is of the rules with on_fail: fail, but for freshness", () => {
    expect(gateRules(quality).map(({ rule }) => rule)).toEqual(["not_null", "unique"]);
  });

  it("lets pass what holds, with one query of the run's snapshot", async () => {
    const { judged, queries } = await gate([
      [-1, "5,0"],
      [1, "5,0"],
    ]);
    await judged;
    expect(queries).toHaveLength(1);
    expect(queries[0]?.match(/'snapshot-id' = '9'/g)).toHaveLength(2);
  });

  it("holds back what does not, and names rules, counts and rows", async () => {
    const { judged } = await gate([
      [-1, "5,2"],
      [1, "5,0"],
    ]);
    const error = await problemOf(() => judged);
    expect(error).toMatchObject({ code: "quality_gate", kind: "failed" });
    expect(error.hint).toContain("pipectl process-silver");
    expect(error.message).toBe(
      [
        "silver was not published: 1 quality rule is broken:",
        "  not_null_fare_amount by 2 of 5 rows",
        '    {"trip_id":"a","fare_amount":null}',
      ].join("\n"),
    );
  });

  it.each([
    [quality.slice(1, 4), "9"],
    [quality, null],
  ])("asks nothing where there is nothing to ask (%#)", async (rules, head) => {
    const { judged, queries } = await gate([], rules, head);
    await judged;
    expect(queries).toEqual([]);
  });
});
