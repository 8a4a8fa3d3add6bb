import { describe, expect, it } from "vitest";
import { qualitySchema } from "../../../../src/dataset/quality.js";
import { checkRules } from "../../../../src/pipeline/quality/check-rules.js";
import { fakeGateway } from "../../../helpers/gateway.js";
import { problemOf } from "../../../helpers/problem.js";
import { fakeServer } from "../../../helpers/server.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";
import { inside, taxi, workspaceOf } from "../../../helpers/workspace.js";

const quality = qualitySchema.parse([
  { rule: "not_null", column: "fare_amount" },
  { rule: "unique", columns: ["trip_id"] },
  { rule: "range", column: "trip_distance", max: 9, on_fail: "warn" },
]);
const silver = icebergTable([snapshot("7", null)], { id: taxi.tables.silver });

async function outcomesOf(numbers: Readonly<Record<number, string>>, rules = quality) {
  const { runtime, queries } = await fakeGateway((sql) =>
    sql.includes("AS numbers") ? Object.entries(numbers) : [[2, '{"trip_id":"a","trip_distance":"9.5"}']],
  );
  const workspace = workspaceOf({ catalog: { table: async () => silver }, runtime });
  const dataset = { ...taxi, quality: rules };
  return { outcomes: await checkRules({ ...workspace, dataset }), queries };
}

describe("rules of the manifest", () => {
  it("that keep rows out of silver are counted over bronze, in the same query, and only warn", async () => {
    const rules = qualitySchema.parse([
      { rule: "not_null", column: "fare_amount" },
      { rule: "range", column: "trip_distance", max: 9, on_fail: "quarantine" },
      { rule: "pattern", column: "store_and_fwd_flag", regex: "^[YN]$", on_fail: "quarantine" },
    ]);
    const { runtime, queries } = await fakeGateway((sql) =>
      sql.includes("AS numbers")
        ? [
            [-2, "7,2,7,0"],
            [-1, "5,0"],
          ]
        : [[1, '{"kafka_incarnation":"0","kafka_partition":"1","kafka_offset":"12","trip_distance":"9.5"}']],
    );
    const tables = [silver, icebergTable([snapshot("3", null)], { id: taxi.tables.bronze })];
    const workspace = workspaceOf({
      catalog: { table: async ({ table }) => tables.find(({ id }) => id.table === table) },
      runtime,
    });
    const outcomes = await checkRules({ ...workspace, dataset: { ...taxi, quality: rules } });
    expect(outcomes).toMatchObject([
      { status: "pass", checked: 5 },
      { status: "warn", checked: 7, failed: 2, quarantined: 2, samples: [{ kafka_offset: "12" }] },
      { status: "pass", checked: 7, failed: 0, quarantined: 0, samples: [] },
    ]);
    expect(outcomes[0]).not.toHaveProperty("quarantined");
    expect(queries).toHaveLength(2);
    expect(queries[0]).toMatch(
      /`cleaned_trips` \/\*\+ OPTIONS\('snapshot-id' = '7'\)[\s\S]*`raw_trips` \/\*\+ OPTIONS\('snapshot-id' = '3'\)/,
    );
  });

  it("are judged with one query when they hold, of one snapshot", async () => {
    const { outcomes, queries } = await outcomesOf({ [-1]: "5,0,5,0", 1: "5,0" });
    expect(outcomes.map(({ name, status, failed, checked }) => [name, status, failed, checked])).toEqual([
      ["not_null_fare_amount", "pass", 0, 5],
      ["unique_trip_id", "pass", 0, 5],
      ["range_trip_distance", "pass", 0, 5],
    ]);
    expect(queries).toHaveLength(1);
    expect(queries[0]?.match(/'snapshot-id' = '7'/g)).toHaveLength(2);
  });

  it("are judged with samples where rows fail them, as the rule says what that is", async () => {
    const { outcomes, queries } = await outcomesOf({ [-1]: "5,0,5,2", 1: "5,4" });
    expect(outcomes).toMatchObject([
      { status: "pass", samples: [] },
      { status: "fail", failed: 4, samples: [] },
      { status: "warn", failed: 2, samples: [{ trip_id: "a", trip_distance: "9.5" }] },
    ]);
    expect(queries).toHaveLength(2);
  });

  it("are none where there are none: nothing is asked", async () => {
    expect(await outcomesOf({}, [])).toEqual({ outcomes: [], queries: [] });
  });

  it("that Flink refuses are told as such, with where they stand", async () => {
    const { url } = await fakeServer(({ path, body }) => {
      if (path === "/v3/sessions") return { body: { sessionHandle: "s" } };
      if (path.endsWith("/statements"))
        return body.includes("numbers")
          ? { status: 500, body: { errors: ["Caused by: x.SqlValidatorException: Column 'x' not found"] } }
          : { body: { operationHandle: "o" } };
      return { body: { resultType: "EOS", results: { columns: [], data: [] } } };
    });
    const workspace = workspaceOf({
      catalog: { table: async () => silver },
      flink: { overview: async () => ({ version: "2.1", taskManagers: 1, slots: 1, freeSlots: 1 }) },
      runtime: { inside, gateway: async () => ({ url }) },
    });
    const dataset = { ...taxi, quality };
    const error = await problemOf(() => checkRules({ ...workspace, dataset }));
    expect(error).toMatchObject({ code: "rules_failed", hint: expect.stringContaining("taxi.yml") });
    expect(error.message).toContain("Column 'x' not found");
  });
});
