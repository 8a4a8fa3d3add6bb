import { describe, expect, it } from "vitest";
import { failed, unavailable } from "../../../../src/core/errors.js";
import type { RunSession } from "../../../../src/execution/run-session.js";
import type { Table, TableId } from "../../../../src/iceberg/catalog.js";
import { makeMarts } from "../../../../src/pipeline/marts/make-all.js";
import type { Mart } from "../../../../src/pipeline/marts/mart.js";
import { hashOf, martProperty, stateOf } from "../../../../src/pipeline/marts/mart-state.js";
import { problemOf } from "../../../helpers/problem.js";
import { icebergTable, snapshot } from "../../../helpers/tables.js";
import { taxi, workspaceOf } from "../../../helpers/workspace.js";

const martOf = (name: string, bare = "SELECT 1"): Mart => ({
  ...{ name, bare, sql: bare, line: 1, description: "", notes: [], file: `datasets/taxi/marts/${name}.sql` },
  table: { namespace: "gold", table: `taxi_${name}`, qualified: `gold.taxi_${name}` },
});
const marts = [martOf("a", "FROM gold.taxi_c"), martOf("b"), martOf("c")];

/** All marts are up to date, but for those of which the catalog says something else. */
const make = async (problems: Readonly<Record<string, Error>>) => {
  const table = async ({ table: name }: TableId): Promise<Table | undefined> => {
    const mart = marts.find((one) => one.table.table === name) as Mart;
    const problem = problems[mart.name];
    if (problem !== undefined) throw problem;
    const made = { sql: hashOf(mart), reads: {}, snapshot: "9" };
    const head = snapshot("9", null, { summary: { "total-records": "5" } });
    return icebergTable([head], {
      properties: { [martProperty]: JSON.stringify(stateOf(taxi, mart, made)) },
    });
  };
  return await makeMarts(workspaceOf({ catalog: { table } }), {} as RunSession, marts);
};

describe("all marts", () => {
  it("that are up to date need no session, and come in the order in which they are read", async () => {
    const { marts: done, jobs } = await make({});
    expect(jobs).toEqual([]);
    expect(done.map(({ name, rows, status }) => [name, rows, status])).toEqual([
      ["c", 5, "up to date"],
      ["a", 5, "up to date"],
      ["b", 5, "up to date"],
    ]);
  });

  it("but one are done, and those that read it are not", async () => {
    const error = await problemOf(() =>
      make({ c: failed("mart_sql", `${marts[2]?.file}:4: no such column`) }),
    );
    expect(error).toMatchObject({ code: "mart_failed", kind: "failed" });
    expect(error.message.split("\n")).toEqual([
      "2 of 3 marts could not be made; up to date: gold.taxi_b:",
      "  datasets/taxi/marts/c.sql:4: no such column",
      "  datasets/taxi/marts/a.sql:1: reads c, which failed",
    ]);
  });

  it("end where a service is gone", async () => {
    const gone = unavailable("http_unreachable", "the Iceberg catalog does not answer");
    expect(await problemOf(() => make({ c: gone }))).toBe(gone);
  });
});
