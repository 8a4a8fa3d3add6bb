import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../../src/dataset/types.js";
import { lenientCalls, lenientLook } from "../../../../src/pipeline/validate/lenient-times.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { contextOf } from "../../../helpers/validate-context.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const withDerived = (expr: string): Dataset => ({
  ...taxi,
  silver: { ...taxi.silver, derived: [{ name: "due", type: "DATE", expr, description: "" }] },
});
const callsIn = (expr: string) =>
  lenientCalls(withDerived(expr))
    .filter(({ column }) => column === "due")
    .map(({ call }) => call);

describe("calls that take a day that does not exist", () => {
  it.each([
    ["TO_DATE(`d`, 'dd.MM.yyyy')", ["TO_DATE(`d`, 'dd.MM.yyyy')"]],
    ["COALESCE(TO_TIMESTAMP(d), NULL)", ["TO_TIMESTAMP(d)"]],
    ["TRY_CAST(d AS TIMESTAMP(3))", ["TRY_CAST(d AS TIMESTAMP(3))"]],
    ["CAST(d AS TIMESTAMP_LTZ(3))", ["CAST(d AS TIMESTAMP_LTZ(3))"]],
    // Flink's own cast to DATE is strict.
    ["TRY_CAST(REGEXP_REPLACE(d, 'a', 'b') AS DATE)", []],
    ["'TO_DATE(d)'", []],
  ])("%s", (expr, calls) => {
    expect(callsIn(expr)).toEqual(calls);
  });
});

describe("--deep", () => {
  async function look(dataset: Dataset, answer: unknown[]) {
    const house = fakeHouse(root, { dataset });
    house.topic.send(0, { key: "a", value: 1, date: "2026-01-05" });
    await house.bronze();
    const asked: string[] = [];
    house.engine.answer = (sql) => {
      asked.push(sql);
      return [answer];
    };
    return { found: await lenientLook(contextOf(house.workspace)), asked };
  }

  it("warns with column, call, number and one of the texts", async () => {
    const dataset = withDerived("TO_DATE(`d`, 'dd.MM.yyyy')");
    const { found } = await look(dataset, [3, "31.02.2026"]);
    expect(found).toMatchObject({
      status: "warn",
      detail: "due: TO_DATE(`d`, 'dd.MM.yyyy') reads 3 texts as another day or time, such as '31.02.2026'",
    });
    expect((await look(dataset, [0, null])).found).toMatchObject({ status: "pass" });
  });

  it("asks nothing where no expression reads a text", async () => {
    const { found, asked } = await look(withDerived("CAST(d AS DATE)"), []);
    expect([found, asked]).toEqual([undefined, []]);
  });
});
