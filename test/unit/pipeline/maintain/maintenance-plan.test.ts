import { describe, expect, it } from "vitest";
import { operationsOn, requireSafeAge } from "../../../../src/pipeline/maintain/maintenance-plan.js";
import { accountOf, icebergTable, snapshot, withAccount } from "../../../helpers/tables.js";

const hourMs = 3_600_000;
/** Six snapshots, an hour apart, the last one just now; the account was made for the fourth. */
const bronze = icebergTable(
  [1, 2, 3, 4, 5, 6].map((n) =>
    snapshot(String(n), n === 1 ? null : String(n - 1), { timestampMs: Date.now() - (6 - n) * hourMs }),
  ),
  { properties: withAccount(accountOf({ bronzeSnapshot: "4", dlqSnapshot: null })) },
);
const expire = (olderThanMs: number, keep: number) =>
  operationsOn("bronze", { bronze }, { expire: { olderThanMs, keep } }, false);

describe("what there is to do on a table", () => {
  it("expiry where there is something old beyond the last ones, and what is needed is named", () => {
    expect(expire(2.5 * hourMs, 1)).toMatchObject([
      { task: "expire", namespace: "bronze", "dry-run": "false", "retain-last": "1", "keep-from": "4" },
    ]);
    expect(expire(2.5 * hourMs, 5)).toHaveLength(1);
    expect(expire(2.5 * hourMs, 6)).toEqual([]);
    expect(expire(24 * hourMs, 1)).toEqual([]);
  });

  it("what a branch or a tag names is no reason", () => {
    const tagged = { ...bronze, refs: { main: "6", before: "1" } };
    const plan = { expire: { olderThanMs: 4.5 * hourMs, keep: 1 } };
    expect(operationsOn("bronze", { bronze }, plan, false)).toHaveLength(1);
    expect(operationsOn("bronze", { bronze: tagged }, plan, false)).toEqual([]);
  });

  it("manifests only where there are any, orphans always, in this order and after expiry", () => {
    const all = {
      expire: { olderThanMs: 0, keep: 1 },
      manifests: true,
      orphans: { olderThanMs: 0 },
    } as const;
    const tasks = (table: typeof bronze) =>
      operationsOn("bronze", { bronze: table }, all, true).map((one) => [one.task, one["dry-run"]]);
    expect(tasks(bronze)).toEqual([
      ["expire", "true"],
      ["manifests", "true"],
      ["orphans", "true"],
    ]);
    expect(tasks(icebergTable())).toEqual([["orphans", "true"]]);
  });

  it("delete files before all else, where a table has some", () => {
    const marked = icebergTable([snapshot("1", null, { summary: { "total-delete-files": "2" } })]);
    const tasks = (table: typeof bronze) =>
      operationsOn("bronze", { bronze: table }, { deletes: true, manifests: true }, false).map(
        ({ task }) => task,
      );
    expect(tasks(marked)).toEqual(["deletes", "manifests"]);
    expect(tasks(bronze)).toEqual(["manifests"]);
  });

  it("an age at which a writer may be at work is refused, unless its danger was named", () => {
    const orphans = { olderThanMs: 23 * hourMs };
    expect(() => requireSafeAge({ orphans }, false)).toThrow(/less than a day/);
    requireSafeAge({ orphans }, true);
    requireSafeAge({ orphans: { ...orphans, risk: true } }, false);
    requireSafeAge({ orphans: { olderThanMs: 24 * hourMs } }, false);
  });
});
