import { describe, expect, it } from "vitest";
import type { Dataset } from "../../../../src/dataset/types.js";
import { suspects, suspectsSql } from "../../../../src/pipeline/ingest/cast-failure.js";
import { fakeHouse } from "../../../helpers/fakes/house.js";
import { temporaryProject } from "../../../helpers/folder.js";
import { problemOf } from "../../../helpers/problem.js";
import { taxi } from "../../../helpers/workspace.js";

const root = temporaryProject();
const cents = { name: "cents", type: "BIGINT", expr: "CAST(`note` AS INT) * 100", description: "" };
const dataset: Dataset = { ...taxi, silver: { ...taxi.silver, derived: [cents] } };

describe("a job of silver that failed for a value", () => {
  async function failing() {
    const house = fakeHouse(root, { dataset });
    house.topic.send(0, { key: "a", value: 1, date: "2026-01-05" });
    await house.bronze();
    house.engine.beforeJob = (name) => (name.startsWith("pipectl silver") ? "FAILED" : undefined);
    return house;
  }

  it("names column, expression, value and place, and the way out", async () => {
    const house = await failing();
    const at = suspects(dataset).findIndex(({ argument }) => argument === "`note`");
    house.engine.answer = (sql) => {
      expect(sql).toContain("TRY_CAST(`note` AS INT) IS NULL LIMIT 1");
      return [[at, 0, 17, "n/a"]];
    };
    const { code, message, hint } = await problemOf(() => house.silver());
    expect([code, message]).toEqual([
      "cast_failed",
      "silver cannot be made: cents = CAST(`note` AS INT) * 100: 'n/a' is no INT (partition 0, offset 17)",
    ]);
    expect(hint).toContain("TRY_CAST");
  });

  it("is reported as it is where no value is at fault, or nobody can look", async () => {
    const house = await failing();
    house.engine.answer = () => [];
    expect(await problemOf(() => house.silver())).toMatchObject({ code: "job_failed" });
    house.engine.answer = () => {
      throw new Error("no");
    };
    expect(await problemOf(() => house.silver())).toMatchObject({ code: "job_failed" });
  });

  it("is not looked for by a statement that could fail itself", () => {
    const sql = suspectsSql(dataset, suspects(dataset), {});
    expect(sql).not.toMatch(/(?<!TRY_)CAST\(`note` AS INT/);
  });
});
