import { describe, expect, it } from "vitest";
import { ownFilters } from "../../../src/dataset/quarantine.js";
import { ordersDataset, temporaryFolder } from "./fixtures.js";

const file = temporaryFolder();
const filtersOf = (rules: string) => ordersDataset(file, `quality:\n${rules}`).silver.filters;

describe("rules that keep rows out of silver", () => {
  it("are filters over the columns of bronze, behind those of the manifest", () => {
    expect(
      filtersOf(`
  - {rule: not_null, column: order_id, on_fail: quarantine}
  - {rule: range, column: amount, max: 9.5, on_fail: quarantine}
  - {rule: range, column: placed_date, min: "2019-01-31", on_fail: quarantine}
  - {rule: accepted_values, column: paid, values: [true], on_fail: quarantine}
  - {rule: pattern, column: customer, regex: "it's", on_fail: quarantine}
  - {rule: range, column: total, max: 9, on_fail: warn}`),
    ).toEqual([
      "amount >= 0",
      "NOT (`OrderID` IS NULL)",
      "NOT ((`amount` <= CAST('9.5' AS DECIMAL(10,2))) IS FALSE)",
      "NOT ((CAST(CAST(placed AS DATE) AS DATE) >= DATE '2019-01-31') IS FALSE)",
      "NOT ((`paid` IN (TRUE)) IS FALSE)",
      "NOT ((REGEXP(`customer`, 'it''s')) IS FALSE)",
    ]);
  });

  it("can be told from the filters that the manifest writes", () => {
    const rules = "quality:\n  - {rule: not_null, column: order_id, on_fail: quarantine}";
    expect(ownFilters(ordersDataset(file, rules))).toEqual(["amount >= 0"]);
  });

  it("are none without such a rule", () => {
    expect(filtersOf("  - {rule: not_null, column: order_id}")).toEqual(["amount >= 0"]);
  });
});
